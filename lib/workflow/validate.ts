import { isJsonObject } from '#lib/base/json.ts';
import type { Problem } from '#lib/base/problem.ts';
import { bodiesOf, countSteps } from './check-bodies.ts';
import { checkConfigs } from './check-configs.ts';
import { checkEdges } from './check-edges.ts';
import { checkExpressions } from './check-expressions.ts';
import { checkReach } from './check-reach.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkSteps } from './check-steps.ts';
import { checkWorkflow } from './check-workflow.ts';
import { Definition, MAX_STEPS, Step } from './definition.ts';
import { type Checked, listed, noFindings, report } from './findings.ts';
import { jsonFaults } from './json-faults.ts';
import { upcast } from './read-definition.ts';
import { salvage } from './salvage.ts';
import { schemaProblems } from './schema-problems.ts';
import type { StepCatalog } from './step-type.ts';
import { stepIndex } from './upstream.ts';

/** What a check found. Errors refuse a version, warnings don't. `definition` is null where there are errors. */
export interface Validation {
  readonly definition: Definition | null;
  readonly errors: Problem[];
  readonly warnings: Problem[];
}

/**
 * All faults of a value at once, each with its step, JSON Pointer, stable code and text. Never throws on any JSON: what
 * can't be read is reported and left out of the checks that follow. 10,000 steps take about 100 ms. A value without faults comes
 * back as the same object (but for a trimmed name), so that what is memoised by step stays.
 */
export function validateDefinition(value: unknown, catalog: StepCatalog): Validation {
  const raised = upcast(value);
  const faults = jsonFaults(raised);
  if (faults.deep) return refusal(faults.problems);
  if (!isJsonObject(raised))
    return refusal([{ path: '', code: 'invalid_type', message: 'A definition must be an object' }, ...faults.problems]);
  const count = countSteps(raised.steps, catalog);
  if (count > MAX_STEPS) {
    return refusal([{ path: '/steps', code: 'too_big', message: `A workflow has at most ${MAX_STEPS} steps, not ${count}` }]);
  }
  const errors = noFindings();
  const warnings = noFindings();
  const parsed = Definition.safeParse(raised);
  const schemaFaults = parsed.success ? [] : schemaProblems(parsed.error, raised, '', keysAt);
  for (const problem of [...faults.problems, ...schemaFaults]) report(errors, withStepId(problem, raised.steps));
  const definition = parsed.success ? asGiven(raised, parsed.data) : salvage(raised, faultySteps(parsed.error.issues));
  const checked: Checked = { definition, catalog, index: stepIndex(definition), errors, warnings, outer: null };
  checkScope(checked);
  checkSecrets(checked);
  const found = listed(errors);
  return { definition: found.length === 0 ? definition : null, errors: found, warnings: listed(warnings) };
}

/** The workflow, or the body of a loop and the bodies within. */
function checkScope(checked: Checked): void {
  const sound = checkEdges(checked);
  checkSteps(checked);
  checkWorkflow(checked);
  checkConfigs(checked);
  checkExpressions(checked, sound);
  if (sound) checkReach(checked);
  for (const body of bodiesOf(checked)) checkScope(body);
}

function refusal(errors: Problem[]): Validation {
  return { definition: null, errors, warnings: [] };
}

/** The schema changes nothing but the blanks around a name: the author's own object is kept wherever it may be. */
function asGiven(raised: object, parsed: Definition): Definition {
  const given = raised as Definition;
  return given.name === parsed.name ? given : { ...given, name: parsed.name };
}

function faultySteps(issues: readonly { readonly path: readonly PropertyKey[] }[]): ReadonlySet<number> {
  return new Set(issues.flatMap(({ path }) => (path[0] === 'steps' && typeof path[1] === 'number' ? [path[1]] : [])));
}

function withStepId(problem: Problem, steps: unknown): Problem {
  const at = /^\/steps\/(\d+)/.exec(problem.path)?.[1];
  const step: unknown = at !== undefined && Array.isArray(steps) ? steps[Number(at)] : undefined;
  return isJsonObject(step) && typeof step.id === 'string' ? { step: step.id, ...problem } : problem;
}

const ROOT_KEYS = Object.keys(Definition.shape);
const STEP_KEYS = Object.keys(Step.shape);
const RETRY_KEYS = ['max_attempts', 'delay', 'backoff', 'max_delay', 'jitter'];

function keysAt(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return ROOT_KEYS;
  if (path[0] !== 'steps') return [];
  if (path.length === 2) return STEP_KEYS;
  return path[2] === 'retry' ? RETRY_KEYS : [];
}
