import type { Json, JsonObject } from '#lib/base/json.ts';
import type { RunError } from '#lib/engine/events.ts';
import { type RunState, stepState } from '#lib/engine/state.ts';
import { evaluateExpression } from '#lib/server/expression-process.ts';
import { compileExpression, isTruthy } from '#lib/workflow/expression.ts';
import { ExpressionError, type ExpressionScope, type ScopeValues, type StepValue } from '#lib/workflow/expression-scope.ts';
import { expressionError, type PreparedStep } from './prepared-step.ts';

/** What all expressions of a run see beside its steps. */
export interface RunFacts {
  /** Wire ids. */
  readonly runId: string;
  readonly input: Json;
  readonly run: JsonObject;
  readonly workflow: JsonObject;
  readonly mockUrl: string;
}

/** What the expressions of a step's config see: of the steps, those that it names. */
export function configScope(prepared: PreparedStep, state: RunState, facts: RunFacts, execution: number): ExpressionScope {
  const { step, template } = prepared;
  const values: ScopeValues = {
    input: facts.input,
    steps: stepValues(state, template.steps ?? prepared.upstream),
    run: facts.run,
    workflow: facts.workflow,
    mock: { url: facts.mockUrl },
    ...(step.argsFrom.length > 0 ? { args: argsOf(prepared, state) } : {}),
    ...(step.contextFrom.length > 0 ? { context: contextOf(prepared, state) } : {}),
  };
  return scopeOf(values, state, facts, step.id, execution);
}

/** `args_from`: the outputs that the step asked for, by name. */
export function argsOf(prepared: PreparedStep, state: RunState): Json {
  return Object.fromEntries(
    prepared.step.argsFrom.map(({ name, from }) => [name, stepValue(state, state.graph.steps[from]?.id ?? '').output ?? null]),
  );
}

/** Output, error, status and branch of these steps. */
export function stepValues(state: RunState, ids: readonly string[]): Record<string, StepValue> {
  const values: Record<string, StepValue> = {};
  for (const id of ids) if (state.graph.byId.has(id)) values[id] = stepValue(state, id);
  return values;
}

function contextOf(prepared: PreparedStep, state: RunState): Json {
  const ids = prepared.step.contextFrom.map((index) => state.graph.steps[index]?.id ?? '');
  return stepValues(state, ids) as unknown as Json;
}

function stepValue(state: RunState, id: string): StepValue {
  const at = stepState(state, id);
  if (at === undefined) return {};
  if (at.status === 'completed') return { status: at.status, output: at.output, branch: at.branch };
  const fallback = state.graph.byId.get(id)?.fallback ?? null;
  const standIn = fallback === null ? undefined : state.steps[fallback];
  const output = at.status === 'failed' && standIn?.status === 'completed' ? standIn.output : null;
  return { status: at.status, output, branch: at.branch, ...(at.error === null ? {} : { error: at.error as unknown as Json }) };
}

export type ConditionAnswer = { readonly value: boolean } | { readonly error: RunError };

/**
 * The answer of a `run_when` or `skip_when`. It sees the steps that `context_from` names, or without it every step
 * upstream; asking for another is an error.
 */
export function evaluateCondition(
  prepared: PreparedStep,
  condition: 'run_when' | 'skip_when',
  expression: string,
  state: RunState,
  facts: RunFacts,
): ConditionAnswer | Promise<ConditionAnswer> {
  const { step } = prepared;
  const named = step.contextFrom.map((index) => state.graph.steps[index]?.id ?? '');
  const allowed = named.length > 0 ? named : prepared.upstream;
  const compiled = compileExpression(expression);
  const stranger = compiled.references.find(
    (reference) => reference.root === 'steps' && reference.step !== null && !allowed.includes(reference.step),
  );
  if (stranger) {
    const message = `${condition} of step '${step.id}' asks for step '${stranger.step}', which it can't see`;
    return { error: { code: 'CONDITION_EVALUATION_ERROR', message, path: `/${condition}` } };
  }
  const values: ScopeValues = { input: facts.input, steps: stepValues(state, allowed), run: facts.run, workflow: facts.workflow };
  const context =
    named.length > 0 ? { context: contextOf(prepared, state), args: argsOf(prepared, state) } : { args: argsOf(prepared, state) };
  const failed = (thrown: unknown): ConditionAnswer => {
    if (!(thrown instanceof ExpressionError)) throw thrown;
    return { error: { ...expressionError(thrown, `/${condition}`), code: 'CONDITION_EVALUATION_ERROR' } };
  };
  try {
    const value = evaluateExpression(compiled, scopeOf({ ...values, ...context }, state, facts, `${step.id}/${condition}`, 1));
    return value instanceof Promise ? value.then((answer) => ({ value: isTruthy(answer) }), failed) : { value: isTruthy(value) };
  } catch (thrown) {
    return failed(thrown);
  }
}

/** Time and chance are the run's, so that every attempt and every worker compute the same. */
function scopeOf(values: ScopeValues, state: RunState, facts: RunFacts, key: string, execution: number): ExpressionScope {
  return { values, now: state.startedAt ?? 0, seed: `${facts.runId}:${key}:${execution}` };
}
