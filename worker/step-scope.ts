import type { Json, JsonObject } from '#lib/base/json.ts';
import type { ClaimedRun } from '#lib/db/claims.ts';
import type { Work } from '#lib/engine/decide.ts';
import type { RunError } from '#lib/engine/events.ts';
import type { Scope } from '#lib/engine/state.ts';
import { argsOf } from '#lib/engine/step-values.ts';
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

/** The facts of a run in this worker's hands. */
export function factsOf(
  claim: Pick<ClaimedRun, 'input' | 'trigger' | 'version' | 'createdAt' | 'schedule'>,
  ids: { readonly runId: string; readonly workflowId: string },
  workflowName: string,
  mockUrl: string,
): RunFacts {
  const { input, trigger, version, createdAt, schedule } = claim;
  const run = { id: ids.runId, trigger, version, created_at: new Date(createdAt).toISOString() };
  return {
    runId: ids.runId,
    input,
    run: schedule === null ? run : { ...run, schedule },
    workflow: { id: ids.workflowId, name: workflowName, version },
    mockUrl,
  };
}

/** What the expressions of a step's config see: of the steps, those that it names. */
export function configScope(prepared: PreparedStep, scope: Scope, facts: RunFacts, key: string, execution: number): ExpressionScope {
  const { step, template } = prepared;
  const values: ScopeValues = {
    input: facts.input,
    steps: stepValues(scope, template.steps ?? prepared.upstream),
    run: facts.run,
    workflow: facts.workflow,
    mock: { url: facts.mockUrl },
    ...(step.argsFrom.length > 0 ? { args: argsOf(scope, step.index) } : {}),
    ...(step.contextFrom.length > 0 ? { context: contextOf(prepared, scope) } : {}),
  };
  return scopeOf(values, scope, facts, key, execution);
}

/** Output, error, status and branch of these steps. */
export function stepValues(scope: Scope, ids: readonly string[]): Record<string, StepValue> {
  const values: Record<string, StepValue> = {};
  for (const id of ids) if (scope.graph.byId.has(id)) values[id] = stepValue(scope, id);
  return values;
}

function contextOf(prepared: PreparedStep, scope: Scope): Json {
  const ids = prepared.step.contextFrom.map((index) => scope.graph.steps[index]?.id ?? '');
  return stepValues(scope, ids) as unknown as Json;
}

function stepValue(scope: Scope, id: string): StepValue {
  const step = scope.graph.byId.get(id);
  const at = step === undefined ? undefined : scope.steps[step.index];
  if (at === undefined) return {};
  if (at.status === 'completed') return { status: at.status, output: at.output, branch: at.branch };
  const standIn = step?.fallback == null ? undefined : scope.steps[step.fallback];
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
  scope: Scope,
  work: Extract<Work, { kind: 'evaluate' }>,
  facts: RunFacts,
): ConditionAnswer | Promise<ConditionAnswer> {
  const { condition, expression } = work;
  const { step } = prepared;
  const named = step.contextFrom.map((index) => scope.graph.steps[index]?.id ?? '');
  const allowed = named.length > 0 ? named : prepared.upstream;
  const compiled = compileExpression(expression);
  const stranger = compiled.references.find(
    (reference) => reference.root === 'steps' && reference.step !== null && !allowed.includes(reference.step),
  );
  if (stranger) {
    const message = `${condition} of step '${step.id}' asks for step '${stranger.step}', which it can't see`;
    return { error: { code: 'CONDITION_EVALUATION_ERROR', message, path: `/${condition}` } };
  }
  const values: ScopeValues = {
    input: facts.input,
    steps: stepValues(scope, allowed),
    run: facts.run,
    workflow: facts.workflow,
    args: argsOf(scope, step.index),
    ...(named.length > 0 ? { context: contextOf(prepared, scope) } : {}),
  };
  const failed = (thrown: unknown): ConditionAnswer => {
    if (!(thrown instanceof ExpressionError)) throw thrown;
    return { error: { ...expressionError(thrown, `/${condition}`), code: 'CONDITION_EVALUATION_ERROR' } };
  };
  try {
    const value = evaluateExpression(compiled, scopeOf(values, scope, facts, `${work.step}/${condition}`, 1));
    return value instanceof Promise ? value.then((answer) => ({ value: isTruthy(answer) }), failed) : { value: isTruthy(value) };
  } catch (thrown) {
    return failed(thrown);
  }
}

/** Time and chance are the run's, so that every attempt and every worker compute the same. */
function scopeOf(values: ScopeValues, scope: Scope, facts: RunFacts, key: string, execution: number): ExpressionScope {
  return { values, now: scope.root.startedAt ?? 0, seed: `${facts.runId}:${key}:${execution}` };
}
