import type { Json } from '#lib/base/json.ts';
import { plainJson } from './plain-json.ts';
import { isRetryable, thrownError, type WireError } from './thrown-error.ts';
import type { StepContext } from './workflow.ts';

export type AttemptEnd =
  | { readonly ok: true; readonly output: Json }
  | { readonly ok: false; readonly error: WireError; readonly retryable: boolean };

export interface AttemptOptions {
  readonly attempt: number;
  readonly idempotencyKey: string;
  /** Milliseconds it may take. */
  readonly timeout: number;
  /** Aborted when nobody waits for it any more. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly progress: (share: number) => void;
}

/** Timers of JavaScript go no further. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Executes a step's function once. Never rejects; a result that cannot be kept is a failure that no retry helps. */
export async function attemptStep(work: (context: StepContext) => unknown, options: AttemptOptions): Promise<AttemptEnd> {
  const { attempt, idempotencyKey, timeout, log, progress } = options;
  const own = new AbortController();
  const signal = AbortSignal.any([options.signal, own.signal]);
  const late = Promise.withResolvers<AttemptEnd>();
  const timer = setTimeout(
    () => {
      own.abort(new DOMException('The step took too long', 'TimeoutError'));
      const message = `The step took longer than ${timeout / 1000} s`;
      late.resolve({ ok: false, error: { code: 'STEP_TIMEOUT', message }, retryable: true });
    },
    Math.min(timeout, LONGEST_TIMER),
  );
  const done = Promise.resolve()
    .then(() => work({ attempt, idempotencyKey, signal, log, progress }))
    .then(keep, (thrown): AttemptEnd => ({ ok: false, error: thrownError(thrown, 'STEP_ERROR'), retryable: isRetryable(thrown) }));
  const end = await Promise.race([done, late.promise]);
  clearTimeout(timer);
  return end;
}

function keep(result: unknown): AttemptEnd {
  try {
    return { ok: true, output: plainJson(result) };
  } catch (thrown) {
    return { ok: false, error: thrownError(thrown, 'OUTPUT_REFUSED'), retryable: false };
  }
}
