import { Worker } from 'node:worker_threads';
import type { Json } from '#lib/base/json.ts';
import { type Compiled, evaluateFast, evaluateInPlace, NEEDS_INTERPRETER, pickReferenced } from '#lib/workflow/expression.ts';
import { ExpressionError, type ExpressionErrorCode, type ExpressionScope, type ScopeValues } from '#lib/workflow/expression-scope.ts';
import type { CompiledTemplate } from '#lib/workflow/template.ts';

/**
 * Where expressions are evaluated on a server. Three lanes: plain ones at once, bounded ones over little data in place,
 * every other in a thread that is ended when it takes too long or too much memory. A thread works on one expression
 * at a time, so nobody else's is lost with it.
 */

/** Milliseconds that one expression may take in a thread. */
export const EXPRESSION_TIMEOUT = 1_000;
/** Milliseconds that a bounded expression may take in place before it is moved to a thread. */
const IN_PLACE_BUDGET = 50;
/** Bytes of data, estimated, above which even a bounded expression goes to a thread. */
const IN_PLACE_BYTES = 64 * 1024;
const THREADS = 2;
/** Milliseconds that a thread may take to start; machines under load are slow. */
const START_TIMEOUT = 20_000;
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

export interface ThreadQuestion {
  readonly source: string;
  readonly values: ScopeValues;
  readonly now: number;
  readonly seed: string;
  readonly timeout: number;
}

export type ThreadAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'error'; readonly code: ExpressionErrorCode; readonly message: string; readonly position: number | null };

interface Job {
  readonly question: ThreadQuestion;
  resolve(value: Json | undefined): void;
  reject(error: Error): void;
}

interface Thread {
  readonly worker: Worker;
  ready: boolean;
  job: Job | null;
  timer: NodeJS.Timeout | null;
}

interface Pool {
  readonly threads: Set<Thread>;
  readonly queue: Job[];
}

const POOL = Symbol.for('weftline.expression-threads');
const registry = globalThis as unknown as Record<symbol, Pool | undefined>;

function pool(): Pool {
  registry[POOL] ??= { threads: new Set(), queue: [] };
  return registry[POOL];
}

/** The value of a template, each expression in its lane. Stays synchronous while all are plain. Fails with ExpressionError. */
export function evaluateTemplate(template: CompiledTemplate, scope: ExpressionScope): Json | undefined | Promise<Json | undefined> {
  return template.resolve(scope, evaluateExpression);
}

/** The value of one expression in the lane that is safe for it. Throws or rejects with ExpressionError. */
export function evaluateExpression(compiled: Compiled, scope: ExpressionScope): Json | undefined | Promise<Json | undefined> {
  const fast = evaluateFast(compiled, scope);
  if (fast !== NEEDS_INTERPRETER) return fast;
  const picked: ExpressionScope = { ...scope, values: pickReferenced(scope.values, compiled.references) };
  if (!compiled.inPlace || !isSmall(picked.values)) return evaluateInThread(compiled.source, picked);
  return Promise.resolve(evaluateInPlace(compiled, picked, IN_PLACE_BUDGET)).catch((thrown: unknown) => {
    if (thrown instanceof ExpressionError && thrown.code === 'EXPRESSION_TIMEOUT') return evaluateInThread(compiled.source, picked);
    throw thrown;
  });
}

/** The value of an expression, computed in a thread of the pool. `scope` is copied: hand over no more than it needs. */
export function evaluateInThread(source: string, scope: ExpressionScope, timeout: number = EXPRESSION_TIMEOUT): Promise<Json | undefined> {
  return new Promise((resolve, reject) => {
    const question = { source, values: scope.values, now: scope.now, seed: scope.seed, timeout };
    pool().queue.push({ question, resolve, reject });
    dispatch();
  });
}

/** Ends every thread; what was waiting fails. For tests and a clean stop. */
export async function closeExpressionThreads(): Promise<void> {
  const { threads, queue } = pool();
  const stopped = new ExpressionError('EXPRESSION_ERROR', 'The process is stopping');
  for (const job of queue.splice(0)) job.reject(stopped);
  await Promise.all(
    [...threads].map((thread) => {
      finish(thread)?.reject(stopped);
      threads.delete(thread);
      return thread.worker.terminate();
    }),
  );
}

function dispatch(): void {
  const { threads, queue } = pool();
  for (const thread of threads) {
    if (queue.length === 0) return;
    if (!thread.ready || thread.job) continue;
    const job = queue.shift();
    if (job) start(thread, job);
  }
  const starting = [...threads].filter((thread) => !thread.ready).length;
  if (queue.length > starting && threads.size < THREADS) openThread();
}

function start(thread: Thread, job: Job): void {
  const { timeout } = job.question;
  thread.worker.ref();
  thread.job = job;
  // The interpreter's own guard speaks first; the thread is ended only where that cannot: inside a regular expression.
  thread.timer = setTimeout(
    () => drop(thread, new ExpressionError('EXPRESSION_TIMEOUT', `The expression took longer than ${timeout} ms`)),
    timeout + 100,
  );
  try {
    thread.worker.postMessage(job.question);
  } catch (thrown) {
    finish(thread)?.reject(new ExpressionError('EXPRESSION_ERROR', 'The data of the expression cannot be copied', { cause: thrown }));
  }
}

/** Takes the job off a thread, so that it is free; the caller answers the job. */
function finish(thread: Thread): Job | null {
  const { job } = thread;
  if (thread.timer) clearTimeout(thread.timer);
  thread.timer = null;
  thread.job = null;
  thread.worker.unref();
  return job;
}

function drop(thread: Thread, error: ExpressionError): void {
  pool().threads.delete(thread);
  finish(thread)?.reject(error);
  thread.worker.terminate().catch(() => undefined);
  dispatch();
}

function openThread(): void {
  const worker = new Worker(new URL('./expression-thread-worker.ts', import.meta.url), { resourceLimits: LIMITS, env: {}, execArgv: [] });
  const thread: Thread = { worker, ready: false, job: null, timer: null };
  pool().threads.add(thread);
  thread.timer = setTimeout(() => fail(new ExpressionError('EXPRESSION_ERROR', 'An expression thread did not start')), START_TIMEOUT);

  /** A thread that died before it was ready would die again: those who wait hear of it. */
  function fail(error: ExpressionError): void {
    const waiting = thread.ready ? [] : pool().queue.splice(0);
    drop(thread, error);
    for (const job of waiting) job.reject(error);
  }

  worker.on('message', (answer: ThreadAnswer) => {
    if (answer.kind === 'ready') {
      thread.ready = true;
      finish(thread);
    } else {
      const job = finish(thread);
      if (answer.kind === 'error') job?.reject(new ExpressionError(answer.code, answer.message, { position: answer.position }));
      else job?.resolve(answer.kind === 'value' ? answer.value : undefined);
    }
    dispatch();
  });
  worker.on('error', (error: Error & { code?: string }) => {
    const outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    const message = outOfMemory ? 'The expression needs more memory than it may have' : `The expression failed: ${error.message}`;
    fail(new ExpressionError(outOfMemory ? 'EXPRESSION_LIMIT' : 'EXPRESSION_ERROR', message, { cause: error }));
  });
  worker.on('exit', () => {
    if (pool().threads.has(thread)) fail(new ExpressionError('EXPRESSION_ERROR', 'The expression ended its thread'));
  });
}

/** True while the data is under the limit; stops counting when it is over. */
function isSmall(values: unknown): boolean {
  let bytes = 0;
  const count = (value: unknown, depth: number): boolean => {
    if (typeof value === 'string') bytes += value.length;
    else if (typeof value !== 'object' || value === null) bytes += 8;
    else {
      bytes += 8;
      if (depth > 100) return false;
      if (Array.isArray(value)) return value.every((item) => count(item, depth + 1)) && bytes < IN_PLACE_BYTES;
      for (const key in value) {
        bytes += key.length;
        if (bytes >= IN_PLACE_BYTES || !count((value as Record<string, unknown>)[key], depth + 1)) return false;
      }
    }
    return bytes < IN_PLACE_BYTES;
  };
  return count(values, 0);
}
