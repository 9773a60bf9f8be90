import type { Json, JsonObject } from '#lib/base/json.ts';
import { isSmallerThan } from '#lib/base/value-size.ts';
import type { RunError } from '#lib/engine/events.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { cancelAll, isCutOff } from './cancel-rest.ts';
import { type Decision, record } from './decision.ts';
import { isOver, iterationError } from './loop.ts';
import type { Iteration, LoopState } from './loop-state.ts';
import { afterFailure } from './retry.ts';
import { keyOf, stepAt } from './scope.ts';
import type { Scope, StepState } from './state.ts';

/** What a step whose iterations are under way is asked: is it over, who is to be stopped, what is to be evaluated? */
export function askLoop(scope: Scope, index: number, loop: LoopState, now: number): Decision[] {
  const { step, at } = stepAt(scope, index);
  const key = keyOf(scope, index);
  if (isOver(scope, loop)) return [ending(scope, step, at, loop, now)];
  if (loop.closing !== null) return stopIterations(loop, now);
  if (loop.deadline !== null && now >= loop.deadline) return [record({ type: 'loop_stopping', step: key, reason: 'timeout', at: now })];
  if (at.lost && isCutOff(scope, index)) return [record({ type: 'loop_stopping', step: key, reason: 'cancelled', at: now })];
  return questions(key, loop);
}

/** Cancels what is under way in the iterations that have not ended. */
export function stopIterations(loop: LoopState, now: number): Decision[] {
  return loop.iterations.filter((one) => one.status === 'running').flatMap((one) => cancelAll(one, now));
}

function questions(step: string, loop: LoopState): Decision[] {
  const asked: Decision[] = [];
  for (const [iteration, { condition, taken }] of loop.questions) {
    const expression = condition === 'while' ? loop.body.while : loop.body.breakWhen;
    if (!taken && expression !== null) asked.push({ kind: 'evaluate', step, condition, iteration, expression });
  }
  return asked;
}

function ending(scope: Scope, step: GraphStep, at: StepState, loop: LoopState, now: number): Decision {
  const key = keyOf(scope, step.index);
  const { closing } = loop;
  if (scope.root.cancel !== null || closing?.reason === 'cancelled') return record({ type: 'step_cancelled', step: key, at: now });
  const outcome = resultOfLoop(step, loop);
  const startedAt = at.startedAt ?? now;
  if ('error' in outcome) {
    const { error, retryable } = outcome;
    const failed = { step: key, attempt: at.attempt, startedAt, endedAt: now, error, retryable };
    return record(afterFailure(step, at, failed, chanceOf(`${key}#${at.attempt}`)));
  }
  return record({
    ...{ type: 'step_completed', step: key, attempt: at.attempt, output: outcome.output, started_at: startedAt, at: now },
  });
}

type LoopResult = { readonly output: Json } | { readonly error: RunError; readonly retryable: boolean };

/** More than this is no result to pass on between steps. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

function resultOfLoop(step: GraphStep, loop: LoopState): LoopResult {
  const { closing, iterations } = loop;
  const { mode } = loop.body;
  if (closing?.reason === 'failed') return { error: closing.error, retryable: true };
  if (closing?.reason === 'timeout') {
    const message = `The step took longer than ${(step.timeout ?? 0) / 1000} s`;
    return { error: { code: 'STEP_TIMEOUT', message }, retryable: true };
  }
  if (closing?.reason === 'won') return sized(iterations.filter((one) => one.number === closing.iteration).map(entryOf));
  if (mode === 'any' || mode === 'race') return { error: noneCompleted(iterations), retryable: iterations.length > 0 };
  return sized(mode === 'all' ? iterations.map((one) => one.output) : iterations.map(entryOf));
}

function entryOf({ number, status, output, error }: Iteration): JsonObject {
  if (status === 'completed') return { index: number, status, output };
  return { index: number, status, error: error as unknown as Json };
}

function noneCompleted(iterations: readonly Iteration[]): RunError {
  const [first] = iterations;
  if (first === undefined)
    return { code: 'NO_ITERATION_COMPLETED', message: 'There was nothing to repeat, so no iteration could complete' };
  const cause = first.error === null ? '' : `; ${iterationError(first.number, first.error).message}`;
  return { code: 'NO_ITERATION_COMPLETED', message: `None of ${iterations.length} iterations completed${cause}` };
}

function sized(output: Json): LoopResult {
  if (isSmallerThan(MAX_OUTPUT_BYTES, output)) return { output };
  const message = 'The results of all iterations are larger than the 1 MiB that a step may pass on; let each result in less';
  return { error: { code: 'OUTPUT_TOO_LARGE', message }, retryable: false };
}

/** A number 0 ≤ r < 1 that is always the same for a text: this room knows no chance of its own. */
function chanceOf(text: string): number {
  let hash = 2166136261;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619);
  return (hash >>> 0) / 2 ** 32;
}
