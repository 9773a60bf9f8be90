import { type ChildProcess, fork } from 'node:child_process';
import type { Json } from '#lib/base/json.ts';
import { isSmallerThan } from '#lib/base/value-size.ts';
import { type Compiled, evaluateFast, evaluateInPlace, NEEDS_INTERPRETER, pickReferenced } from '#lib/workflow/expression.ts';
import { ExpressionError, type ExpressionErrorCode, type ExpressionScope, type ScopeValues } from '#lib/workflow/expression-scope.ts';
import type { CompiledTemplate } from '#lib/workflow/template.ts';

/**
 * Where expressions are evaluated on a server. Three lanes: plain ones at once, bounded ones over little data in place,
 * every other in a process that is ended when it takes too long or too much memory. (A thread would not do: one that
 * asks for much memory at once takes its whole process along.) A process works on one expression at a time, so nobody
 * else's is lost with it.
 */

/** Milliseconds that one expression may take in a process of the pool. */
export const EXPRESSION_TIMEOUT = 1_000;
/** Milliseconds that a bounded expression may take in place before it is moved to a process. */
const IN_PLACE_BUDGET = 50;
/** Bytes of data, estimated, above which even a bounded expression goes to a process. */
const IN_PLACE_BYTES = 64 * 1024;
const PROCESSES = 2;
/** Milliseconds that a process may take to start; machines under load are slow. */
const START_TIMEOUT = 20_000;
/** Megabytes of heap, and kilobytes of stack (under the 8 MB that systems give). */
const LIMITS = ['--max-old-space-size=128', '--max-semi-space-size=16', '--stack-size=3900'];

export interface Question {
  readonly source: string;
  readonly values: ScopeValues;
  readonly now: number;
  readonly seed: string;
  readonly timeout: number;
}

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'error'; readonly code: ExpressionErrorCode; readonly message: string; readonly position: number | null };

interface Job {
  readonly question: Question;
  resolve(value: Json | undefined): void;
  reject(error: Error): void;
}

interface Evaluator {
  readonly child: ChildProcess;
  ready: boolean;
  job: Job | null;
  timer: NodeJS.Timeout | null;
}

interface Pool {
  readonly evaluators: Set<Evaluator>;
  readonly queue: Job[];
}

const POOL = Symbol.for('weftline.expression-processes');
const registry = globalThis as unknown as Record<symbol, Pool | undefined>;

function pool(): Pool {
  registry[POOL] ??= { evaluators: new Set(), queue: [] };
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
  if (!compiled.inPlace || !isSmallerThan(IN_PLACE_BYTES, picked.values)) return evaluateInProcess(compiled.source, picked);
  return Promise.resolve(evaluateInPlace(compiled, picked, IN_PLACE_BUDGET)).catch((thrown: unknown) => {
    if (thrown instanceof ExpressionError && thrown.code === 'EXPRESSION_TIMEOUT') return evaluateInProcess(compiled.source, picked);
    throw thrown;
  });
}

/** The value of an expression, computed in a process of the pool. `scope` is copied: hand over no more than it needs. */
export function evaluateInProcess(source: string, scope: ExpressionScope, timeout: number = EXPRESSION_TIMEOUT): Promise<Json | undefined> {
  return new Promise((resolve, reject) => {
    const question = { source, values: scope.values, now: scope.now, seed: scope.seed, timeout };
    pool().queue.push({ question, resolve, reject });
    dispatch();
  });
}

/** Ends every process; what was waiting fails. For tests and a clean stop. */
export async function closeExpressionProcesses(): Promise<void> {
  const { evaluators, queue } = pool();
  const stopped = new ExpressionError('EXPRESSION_ERROR', 'The process is stopping');
  for (const job of queue.splice(0)) job.reject(stopped);
  const ended = [...evaluators].map(({ child }) => new Promise<void>((resolve) => child.once('exit', () => resolve())));
  for (const evaluator of evaluators) drop(evaluator, stopped);
  await Promise.all(ended);
}

function dispatch(): void {
  const { evaluators, queue } = pool();
  for (const evaluator of evaluators) {
    if (queue.length === 0) return;
    if (!evaluator.ready || evaluator.job) continue;
    const job = queue.shift();
    if (job) start(evaluator, job);
  }
  const starting = [...evaluators].filter((evaluator) => !evaluator.ready).length;
  if (queue.length > starting && evaluators.size < PROCESSES) openEvaluator();
}

function start(evaluator: Evaluator, job: Job): void {
  const { timeout } = job.question;
  hold(evaluator.child, true);
  evaluator.job = job;
  // The interpreter's own guard speaks first; the process is ended only where that cannot: inside a regular expression.
  evaluator.timer = setTimeout(
    () => drop(evaluator, new ExpressionError('EXPRESSION_TIMEOUT', `The expression took longer than ${timeout} ms`)),
    timeout + 100,
  );
  try {
    // Where it can't be delivered the process is gone, and its `exit` answers.
    evaluator.child.send(job.question, () => {});
  } catch (thrown) {
    finish(evaluator)?.reject(new ExpressionError('EXPRESSION_ERROR', 'The data of the expression cannot be copied', { cause: thrown }));
  }
}

/** Takes the job off a process, so that it is free; the caller answers the job. */
function finish(evaluator: Evaluator): Job | null {
  const { job } = evaluator;
  if (evaluator.timer) clearTimeout(evaluator.timer);
  evaluator.timer = null;
  evaluator.job = null;
  hold(evaluator.child, false);
  return job;
}

/** Whether the child keeps this process from ending. */
function hold(child: ChildProcess, on: boolean): void {
  if (on) child.ref();
  else child.unref();
  // The channel has a hold of its own.
  const channel = child.channel as { ref(): void; unref(): void } | null | undefined;
  if (on) channel?.ref();
  else channel?.unref();
}

function drop(evaluator: Evaluator, error: ExpressionError): void {
  pool().evaluators.delete(evaluator);
  finish(evaluator)?.reject(error);
  evaluator.child.kill('SIGKILL');
  dispatch();
}

function openEvaluator(): void {
  const child = fork(new URL('./expression-child.ts', import.meta.url), {
    env: { NODE_ENV: process.env.NODE_ENV ?? 'production' },
    execArgv: LIMITS,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const evaluator: Evaluator = { child, ready: false, job: null, timer: null };
  pool().evaluators.add(evaluator);
  evaluator.timer = setTimeout(() => fail(new ExpressionError('EXPRESSION_ERROR', 'An expression process did not start')), START_TIMEOUT);

  /** A process that died before it was ready would die again: those who wait hear of it. */
  function fail(error: ExpressionError): void {
    const waiting = evaluator.ready ? [] : pool().queue.splice(0);
    drop(evaluator, error);
    for (const job of waiting) job.reject(error);
  }

  child.on('message', (answer: Answer) => {
    if (answer.kind === 'ready') {
      evaluator.ready = true;
      finish(evaluator);
    } else {
      const job = finish(evaluator);
      if (answer.kind === 'error') job?.reject(new ExpressionError(answer.code, answer.message, { position: answer.position }));
      else job?.resolve(answer.kind === 'value' ? answer.value : undefined);
    }
    dispatch();
  });
  child.on('error', (error) => {
    if (pool().evaluators.has(evaluator))
      fail(new ExpressionError('EXPRESSION_ERROR', `The expression failed: ${error.message}`, { cause: error }));
  });
  child.on('exit', () => {
    // Nothing in an expression can end its process but the limits of memory and stack.
    if (pool().evaluators.has(evaluator))
      fail(new ExpressionError('EXPRESSION_LIMIT', 'The expression needs more memory than it may have'));
  });
}
