import { setTimeout as pause } from 'node:timers/promises';
import type { Json } from '#lib/base/json.ts';
import { ENGINE_VERSION } from '#lib/engine/version.ts';
import { newStep } from './test-fault-steps.ts';
import { type Behavior, done, startWorker, testCatalog, testExecutors } from './test-runs.ts';

/**
 * A worker process for the tests of faults. Its steps ask a server what to do, so that a test can have them end their process,
 * stop its event loop or answer what no step should.
 *
 *     FAULT_NEWER: by how much the version of the engine that it speaks is newer than this one's; from 1 on it knows the step
 *     type `new`.
 */
interface Order {
  readonly die?: boolean;
  /** Milliseconds for which nothing else happens in this process. */
  readonly block?: number;
  readonly answer?: keyof typeof ANSWERS | undefined;
}

const LARGE = 1024 * 1024 - 1024;
const nested = (depth: number): Json => (depth === 0 ? 'deep' : [nested(depth - 1)]);
const failed = (message: string, data?: Json) =>
  ({ kind: 'failed', error: { code: 'ODD', message, ...(data === undefined ? {} : { data }) }, retryable: false }) as const;

/** What executors should not answer, and do. */
const ANSWERS = {
  nothing: () => done(undefined as never),
  large: () => done('x'.repeat(LARGE)),
  tooLarge: () => done('x'.repeat(LARGE + 4096)),
  nul: () => done({ 'k\u0000ey': 'a\u0000b' }),
  surrogate: () => done(['\ud800', 'x\udfffy']),
  notANumber: () => done({ list: [1, Number.NaN] }),
  infinity: () => done(Number.POSITIVE_INFINITY),
  bigint: () => done(10n as never),
  deep: () => done(nested(5000)),
  nulError: () => failed('a\u0000b \ud800', { text: '\u0000' }),
  bigintError: () => failed('big', { value: 10n as never }),
  largeError: () => failed('y'.repeat(2_000_000)),
  thrown: () => {
    throw new Error('thrown \u0000 \udc00');
  },
};

const behavior: Behavior = async (context, config) => {
  const response = await fetch(String(config.url), {
    method: 'POST',
    headers: { 'idempotency-key': context.idempotencyKey },
    signal: context.signal,
  });
  const order = (await response.json()) as Order;
  if (order.die) {
    process.kill(process.pid, 'SIGKILL');
    await pause(60_000);
  }
  if (order.block !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order.block);
  return order.answer === undefined ? done({ from: process.env.FAULT_NAME ?? null }) : ANSWERS[order.answer]();
};

const newer = Number(process.env.FAULT_NEWER ?? 0);
const executors = testExecutors(behavior);
const worker = await startWorker(behavior, {
  engine: ENGINE_VERSION + newer,
  slots: 1000,
  queues: (process.env.QUEUES ?? 'default').split(','),
  onFenced: () => process.exit(75),
  ...(newer < 1 ? {} : { catalog: { ...testCatalog, new: newStep }, executors: { ...executors, new: executors.work as never } }),
});
process.on('SIGTERM', () => void worker.stop(5000).then(() => process.exit(0)));
