import type { Json, JsonObject } from '#lib/base/json.ts';
import type { ClaimedRun } from '#lib/db/claims.ts';
import type { Evaluation, Examination } from '#lib/engine/decision.ts';
import type { RunError } from '#lib/engine/events.ts';
import type { Scope } from '#lib/engine/state.ts';
import { argsOf } from '#lib/engine/step-values.ts';
import { evaluateExpression } from '#lib/server/expression-process.ts';
import type { StepContext } from '#lib/steps/executor.ts';
import { compileExpression, isTruthy } from '#lib/workflow/expression.ts';
import { ExpressionError, type ExpressionScope, type ScopeValues, type StepValue } from '#lib/workflow/expression-scope.ts';
import { type ReadValue, readValues } from '#lib/workflow/read-values.ts';
import { isHidden } from './hidden-values.ts';
import { iterationValues, questionScope, scopeWith, visibleSteps } from './loop-scope.ts';
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
  claim: Pick<ClaimedRun, 'input' | 'trigger' | 'version' | 'createdAt' | 'schedule' | 'savedState'>,
  ids: { readonly runId: string; readonly workflowId: string },
  workflowName: string,
  mockUrl: string,
): RunFacts {
  const { input, trigger, version, createdAt, schedule, savedState } = claim;
  const run = { id: ids.runId, trigger, version, created_at: new Date(createdAt).toISOString() };
  return {
    runId: ids.runId,
    input,
    run: { ...run, ...(schedule === null ? {} : { schedule }), ...(savedState === null ? {} : { state: savedState }) },
    workflow: { id: ids.workflowId, name: workflowName, version },
    mockUrl,
  };
}

/** What the expressions of a step's config see: of the steps, those that it names. */
export function configScope(prepared: PreparedStep, scope: Scope, facts: RunFacts, key: string, execution: number): ExpressionScope {
  const { step, template } = prepared;
  const values: ScopeValues = {
    input: facts.input,
    steps: stepValues(scope, template.steps ?? visibleSteps(scope, prepared)),
    ...iterationValues(scope),
    run: facts.run,
    workflow: facts.workflow,
    mock: { url: facts.mockUrl },
    ...(step.argsFrom.length > 0 ? { args: argsOf(scope, step.index) } : {}),
    ...(step.contextFrom.length > 0 ? { context: contextOf(prepared, scope) } : {}),
  };
  return scopeOf(values, scope, facts, key, execution);
}

/** What an executor may read of the run, looked up when it asks. */
export function executorScope(place: Scope, prepared: PreparedStep, facts: RunFacts): StepContext['scope'] {
  return {
    input: facts.input,
    get args() {
      return argsOf(place, prepared.step.index);
    },
    get steps() {
      return stepValues(place, visibleSteps(place, prepared)) as unknown as Json;
    },
    ...iterationValues(place),
  };
}

/** Output, error, status and branch of these steps. */
export function stepValues(scope: Scope, ids: readonly string[]): Record<string, StepValue> {
  const values: Record<string, StepValue> = {};
  for (const id of ids) {
    const at = scopeWith(scope, id);
    if (at !== undefined) values[id] = stepValue(at, id);
  }
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

export type ConditionAnswer = ({ readonly value: boolean } | { readonly error: RunError }) & { readonly read?: readonly ReadValue[] };

/**
 * The answer of a condition. `run_when` and `skip_when` see the steps that `context_from` names, or without it every step
 * before theirs; `break_when` those of the iteration too. Asking for another is an error.
 */
export function evaluateCondition(
  prepared: PreparedStep,
  scope: Scope,
  work: Evaluation,
  facts: RunFacts,
): ConditionAnswer | Promise<ConditionAnswer> {
  const { condition, expression } = work;
  const view = viewOf(prepared, scope, work);
  const compiled = compileExpression(expression);
  const stranger = compiled.references.find(
    (reference) => reference.root === 'steps' && reference.step !== null && !view.steps.includes(reference.step),
  );
  const path = work.iteration === undefined ? `/${condition}` : `/config/${condition}`;
  if (stranger) {
    const message = `${condition} of step '${prepared.step.id}' asks for step '${stranger.step}', which it can't see`;
    return { error: { code: 'CONDITION_EVALUATION_ERROR', message, path } };
  }
  const { input, run, workflow } = facts;
  const values: ScopeValues = { input, steps: stepValues(view.scope, view.steps), run, workflow, ...view.values };
  const read = readValues(compiled.references, values, (reference) => isHidden(view.scope, reference));
  const failed = (thrown: unknown): ConditionAnswer => {
    if (!(thrown instanceof ExpressionError)) throw thrown;
    return { error: { ...expressionError(thrown, path), code: 'CONDITION_EVALUATION_ERROR' }, read };
  };
  const key = `${work.step}/${condition}${work.iteration === undefined ? '' : `[${work.iteration}]`}`;
  try {
    const value = evaluateExpression(compiled, scopeOf(values, scope, facts, key, 1));
    const held = (answer: Json | undefined): ConditionAnswer => ({ value: isTruthy(answer), read });
    return value instanceof Promise ? value.then(held, failed) : held(value);
  } catch (thrown) {
    return failed(thrown);
  }
}

/** What a condition sees: steps by id, and the values that are its own. */
function viewOf(
  prepared: PreparedStep,
  scope: Scope,
  work: Evaluation,
): { readonly scope: Scope; readonly steps: readonly string[]; readonly values: ScopeValues } {
  const { loop } = scope.steps[prepared.step.index] ?? {};
  if (work.iteration !== undefined && loop) {
    const asked = questionScope(scope, loop, work);
    return { ...asked, steps: asked.steps ?? visibleSteps(scope, prepared) };
  }
  const named = prepared.step.contextFrom.map((index) => scope.graph.steps[index]?.id ?? '');
  const args = { args: argsOf(scope, prepared.step.index) };
  const values = { ...iterationValues(scope), ...args, ...(named.length > 0 ? { context: contextOf(prepared, scope) } : {}) };
  return { scope, steps: named.length > 0 ? named : visibleSteps(scope, prepared), values };
}

/**
 * What a wait asks while it waits: an event's payload is its `event`, every step of the scope is in its sight, and the time is
 * the present one, because it asks until something changes.
 */
export function evaluateLate(
  prepared: PreparedStep,
  scope: Scope,
  work: Examination,
  facts: RunFacts,
  now: number,
): ConditionAnswer | Promise<ConditionAnswer> {
  const compiled = compileExpression(work.expression);
  const steps = compiled.references.some(({ root, step }) => root === '*' || (root === 'steps' && step === null))
    ? [...scope.graph.steps.map((step) => step.id), ...visibleSteps(scope, prepared)]
    : compiled.references.flatMap(({ root, step }) => (root === 'steps' && step !== null ? [step] : []));
  const values: ScopeValues = {
    input: facts.input,
    steps: stepValues(scope, steps),
    run: facts.run,
    workflow: facts.workflow,
    args: argsOf(scope, prepared.step.index),
    ...iterationValues(scope),
    ...(work.event === null ? {} : { event: work.event.payload }),
  };
  const failed = (thrown: unknown): ConditionAnswer => {
    if (!(thrown instanceof ExpressionError)) throw thrown;
    const path = work.event === null ? '/config/condition' : '/config/match';
    return { error: { ...expressionError(thrown, path), code: 'CONDITION_EVALUATION_ERROR' } };
  };
  try {
    const seed = `${facts.runId}:${work.step}:${work.event?.nr ?? now}`;
    const value = evaluateExpression(compiled, { values, now, seed });
    return value instanceof Promise ? value.then((answer) => ({ value: isTruthy(answer) }), failed) : { value: isTruthy(value) };
  } catch (thrown) {
    return failed(thrown);
  }
}

/** Time and chance are the run's, so that every attempt and every worker compute the same. */
function scopeOf(values: ScopeValues, scope: Scope, facts: RunFacts, key: string, execution: number): ExpressionScope {
  return { values, now: scope.root.startedAt ?? 0, seed: `${facts.runId}:${key}:${execution}` };
}
