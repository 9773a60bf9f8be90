import type { JsonObject } from '#lib/base/json.ts';
import { insideLoop, scopeAround } from './check-bodies.ts';
import type { Step } from './definition.ts';
import { sameDependency } from './edit-edges.ts';
import { type Checked, reportStep } from './findings.ts';
import { dependencyBranch, dependencyStep } from './graph.ts';
import { type StepCatalog, stepType } from './step-type.ts';
import { componentsInOrder, stepsBefore } from './upstream.ts';

/** Branch names that mean a refusal: a plain edge beside them would run after it too. */
const REFUSALS: ReadonlySet<string> = new Set(['rejected', 'timeout']);

/**
 * Ids, edges, branches and cycles. True when the graph is sound, so that what is upstream of what can be asked.
 */
export function checkEdges(checked: Checked): boolean {
  const before = checked.errors.problems.length + checked.errors.hidden;
  checkIds(checked);
  checkDependencies(checked);
  checkCycles(checked);
  const sound = checked.errors.problems.length + checked.errors.hidden === before;
  checkBranches(checked);
  return sound;
}

function checkIds(checked: Checked): void {
  const { definition, index, errors } = checked;
  definition.steps.forEach((step, at) => {
    if (step.id !== '' && scopeAround(checked, step.id) !== null) {
      const message = `The id '${step.id}' is also that of a step outside this loop, which could then not be read here`;
      reportStep(errors, step, at, '/id', 'duplicate_id', message);
    }
    if (step.id === '__proto__') reportStep(errors, step, at, '/id', 'invalid_id', `'__proto__' can't be the id of a step`);
    const first = index.get(step.id);
    if (first === at || first === undefined || step.id === '') return;
    reportStep(errors, step, at, '/id', 'duplicate_id', `Two steps have the id '${step.id}' (the other is step ${first + 1})`);
  });
}

function checkDependencies(checked: Checked): void {
  const { definition, index, errors } = checked;
  definition.steps.forEach((step, at) => {
    const seen = new Set<string>();
    step.depends_on?.forEach((dependency, place) => {
      const source = dependencyStep(dependency);
      const path = `/depends_on/${place}`;
      const key = `${source} ${dependencyBranch(dependency) ?? ''}`;
      if (source === step.id) reportStep(errors, step, at, path, 'self_dependency', `Step '${step.id}' depends on itself`);
      else if (!index.has(source)) {
        reportStep(errors, step, at, path, 'unknown_dependency', `Step '${step.id}' depends on '${source}' ${whyNotHere(checked, source)}`);
      } else if (seen.has(key)) {
        reportStep(errors, step, at, path, 'duplicate_dependency', `Step '${step.id}' depends on '${source}' twice`);
      }
      seen.add(key);
    });
  });
}

function whyNotHere(checked: Checked, source: string): string {
  const loop = insideLoop(checked, source);
  if (loop !== null) return `which is inside the loop '${loop}'; depend on the loop`;
  if (scopeAround(checked, source) === null) return "which doesn't exist";
  return `which is outside its loop; the steps of a loop begin with it and read such a step as steps.${source}`;
}

/** One problem for each knot of steps that wait for one another, naming a shortest cycle in it along the edges. */
function checkCycles({ definition, errors }: Checked): void {
  const before = stepsBefore(definition);
  for (const members of componentsInOrder(before)) {
    if (members.length < 2) continue;
    const start = members.reduce((low, member) => Math.min(low, member));
    const path = shortestCycle(start, new Set(members), before).map((at) => definition.steps[at]?.id ?? '');
    const step = definition.steps[start] as Step;
    reportStep(errors, step, start, '/depends_on', 'cycle', `Cycle detected: ${shortened(path).join(' → ')}`);
  }
}

function shortestCycle(start: number, members: ReadonlySet<number>, before: readonly (readonly number[])[]): number[] {
  const next = new Map<number, number>();
  const queue = [start];
  for (let head = 0; head < queue.length; head += 1) {
    const at = queue[head] as number;
    for (const source of before[at] ?? []) {
      if (!members.has(source) || (source === at && at === start) || next.has(source)) continue;
      next.set(source, at);
      if (source === start) {
        const path = [start];
        for (let step = next.get(start) ?? start; step !== start; step = next.get(step) ?? start) path.push(step);
        return [...path, start];
      }
      queue.push(source);
    }
  }
  return [start, start];
}

function shortened(path: readonly string[]): readonly string[] {
  return path.length <= 40 ? path : [...path.slice(0, 20), `… ${path.length - 40} more …`, ...path.slice(-20)];
}

function checkBranches({ definition, index, catalog, errors, warnings }: Checked): void {
  const branchesOf = definition.steps.map((step) => stepBranches(step, catalog));
  const refusalTaken = new Set<number>();
  for (const step of definition.steps) {
    for (const dependency of step.depends_on ?? []) {
      if (REFUSALS.has(dependencyBranch(dependency) ?? '')) refusalTaken.add(index.get(dependencyStep(dependency)) ?? -1);
    }
  }
  definition.steps.forEach((step, at) => {
    step.depends_on?.forEach((dependency, place) => {
      const source = index.get(dependencyStep(dependency));
      const branch = dependencyBranch(dependency);
      const known = source === undefined ? null : branchesOf[source];
      if (source === undefined || known === null || known === undefined) return;
      const id = dependencyStep(dependency);
      const path = `/depends_on/${place}`;
      if (branch === null) {
        const handlesRefusal =
          step.depends_on?.some((other) => dependencyStep(other) === id && !sameDependency(other, dependency)) ?? false;
        if (!refusalTaken.has(source) || handlesRefusal || !known.some((name) => REFUSALS.has(name))) return;
        const names = known.filter((name) => REFUSALS.has(name)).join(' or ');
        const message = `Step '${step.id}' follows '${id}' on every branch, so it also runs after ${names}; name the branch it should follow`;
        reportStep(warnings, step, at, path, 'runs_on_refusal', message);
      } else if (branch !== 'error' && !known.includes(branch)) {
        const has = [...known, 'error'].map((name) => `'${name}'`).join(', ');
        const message = `Step '${step.id}' follows branch '${branch}' of '${id}', which has ${has}`;
        reportStep(errors, step, at, `${path}/branch`, 'unknown_branch', message);
      }
    });
  });
}

/** The branches of a step besides `error`, or null where its type or config doesn't tell. */
export function stepBranches(step: Step, catalog: StepCatalog): readonly string[] | null {
  const type = stepType(catalog, step.type);
  if (type === undefined) return null;
  const config: JsonObject = step.config ?? {};
  try {
    const branches = type.branches(config);
    return branches.every((name) => typeof name === 'string') ? branches : null;
  } catch {
    // A type may trip over a config that its own schema refuses; that fault is reported there.
    return null;
  }
}
