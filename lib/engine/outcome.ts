import type { Json } from '#lib/base/json.ts';
import type { RunError } from '#lib/engine/events.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { handlesFailure, standIn } from './readiness.ts';
import { keyOf } from './scope.ts';
import type { RunState, Scope } from './state.ts';

/** How a run ends once all its steps have. */
export interface Outcome {
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly output: Json;
  readonly error: RunError | null;
}

/**
 * Without a success policy a run has failed if a step failed and nothing handled it; its error is that of the first
 * such step in definition order. With one, the policy alone decides. Only a completed run has an output.
 */
export function outcomeOf(state: RunState): Outcome {
  if (state.cancel?.reason === 'limit') return { status: 'failed', output: null, error: limitError(state) };
  if (state.cancel !== null) {
    return { status: 'cancelled', output: null, error: state.cancel.reason === 'timeout' ? timeoutError(state) : null };
  }
  const target = state.trial?.target ?? null;
  if (target !== null) return outcomeOfTrial(state, target);
  const { policyError, met } = askPolicy(state);
  const error = met === null ? firstError(state, (step) => !handlesFailure(step)) : policyError;
  return error === null ? { status: 'completed', output: outputOf(state), error } : { status: 'failed', output: null, error };
}

/** A test run up to a step is about that step: what the workflow as a whole asks for can't be met and isn't asked. */
function outcomeOfTrial(state: RunState, target: string): Outcome {
  const error = firstError(state, (step) => step.id === target || !handlesFailure(step));
  const output = outputAt(state, state.graph.byId.get(target)?.index ?? -1);
  return error === null ? { status: 'completed', output, error } : { status: 'failed', output: null, error };
}

function timeoutError(state: RunState): RunError {
  const seconds = (state.timeout ?? 0) / 1000;
  return { code: 'RUN_TIMEOUT', message: `The run took longer than its limit of ${seconds} s` };
}

function limitError(state: RunState): RunError {
  const most = state.graph.maxSteps;
  const message = `The run has more than ${most} steps, those of each iteration counted; 'limits.steps' says how many it may have`;
  return { code: 'STEP_LIMIT', message };
}

/** `met` null: there is no policy. */
function askPolicy(state: RunState): { met: boolean | null; policyError: RunError | null } {
  const policy = state.graph.definition.success_policy;
  if (policy === undefined) return { met: null, policyError: null };
  const completed = (id: string): boolean => state.steps[state.graph.byId.get(id)?.index ?? -1]?.status === 'completed';
  if (policy.cases.some((one) => one.required.every(completed))) return { met: true, policyError: null };
  const required = new Set(policy.cases.flatMap((one) => one.required));
  const failed = firstError(state, (step) => required.has(step.id));
  const notMet = { code: 'SUCCESS_CASE_NOT_MET', message: 'No case of the success policy has all its required steps completed' };
  return { met: false, policyError: failed ?? notMet };
}

/** The error of the first step of a scope, in definition order, that failed and counts. */
export function firstError(scope: Scope, counts: (step: GraphStep) => boolean): RunError | null {
  for (const step of scope.graph.steps) {
    const at = scope.steps[step.index];
    if (at?.status === 'failed' && at.error !== null && counts(step)) return { ...at.error, step: keyOf(scope, step.index) };
  }
  return null;
}

/** What the step hands on: its output, or its fallback's after a failure; null where there is none. */
export function outputAt(scope: Scope, index: number): Json {
  const at = scope.steps[standIn(scope.graph, scope.steps, index)];
  return at?.status === 'completed' ? at.output : null;
}

/**
 * What an iteration results in: the output of the step that the body's `output` names; without one, that of its last
 * step, or where it has several a map of their outputs by id.
 */
export function resultOf(scope: Scope): Json {
  const [only, ...others] = scope.graph.last;
  if (scope.graph.definition.output === undefined && only !== undefined && others.length === 0) return outputAt(scope, only);
  return outputOf(scope);
}

/** The output of the step that `output` names; without one, a map of all last steps' outputs by id. */
export function outputOf(scope: Scope): Json {
  const named = scope.graph.definition.output;
  if (named !== undefined) return outputAt(scope, scope.graph.byId.get(named)?.index ?? -1);
  return Object.fromEntries(scope.graph.last.map((index) => [scope.graph.steps[index]?.id ?? '', outputAt(scope, index)]));
}
