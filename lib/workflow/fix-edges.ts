import { stepBranches } from './check-edges.ts';
import { closestWord } from './closest-word.ts';
import type { Dependency } from './definition.ts';
import type { Edit } from './edit.ts';
import { dependencyOf } from './edit-edges.ts';
import { dependencyBranch, dependencyStep } from './graph.ts';
import type { Fixer, ProblemPlace, QuickFix } from './problem-place.ts';
import { mintStepId } from './remint-ids.ts';
import { stepType } from './step-type.ts';
import { stepIndex, upstreamOf, wouldCycle } from './upstream.ts';

/** Mends what is wrong with connections and ids. */
export const EDGE_FIXES: Readonly<Record<string, Fixer>> = {
  unknown_dependency(place) {
    const source = dependencyAt(place);
    if (source === null) return [];
    const id = dependencyStep(source);
    const others = place.around.steps.map((step) => step.id).filter((other) => canFollow(place, other));
    const meant = closestWord(id, others);
    return [
      ...(meant === null ? [] : [replaced(place, dependencyOf(meant, dependencyBranch(source)), `Connect to ${meant} instead`)]),
      replaced(place, null, 'Remove the connection'),
    ];
  },
  self_dependency: (place) => [replaced(place, null, 'Remove the connection')],
  duplicate_dependency: (place) => [replaced(place, null, 'Remove the second connection')],
  cycle(place) {
    const { step, around } = place;
    const upstream = upstreamOf(around);
    return (step.depends_on ?? [])
      .filter((one) => upstream.has(dependencyStep(one), step.id))
      .slice(0, 3)
      .map((one) => ({
        label: `Disconnect ${dependencyStep(one)} → ${step.id}`,
        edit: { kind: 'disconnect', edges: [{ from: dependencyStep(one), to: step.id, branch: dependencyBranch(one) }] },
      }));
  },
  unknown_branch(place) {
    const source = dependencyAt(place);
    const branch = source === null ? null : dependencyBranch(source);
    if (source === null || branch === null) return [];
    return [
      ...missingBranch(place, dependencyStep(source), branch),
      ...otherBranches(place, source),
      replaced(place, null, 'Remove the connection'),
    ];
  },
  runs_on_refusal(place) {
    const source = dependencyAt(place);
    return source === null ? [] : otherBranches(place, source).slice(0, 2);
  },
  duplicate_id({ step, index, around }) {
    const id = mintStepId(step.id, stepIndex(around));
    // By its place: the id means the first of the two, which everything that names it is about.
    const renamed = { ...around, steps: around.steps.with(index, { ...step, id }) };
    return [{ label: `Rename to ${id}`, edit: { kind: 'replace', definition: renamed } }];
  },
};

/** Draws an edge from a step that another reads or waits for; none where it would close a circle. */
export function connectFix({ step, around }: ProblemPlace, source: string): QuickFix[] {
  if (!stepIndex(around).has(source) || wouldCycle(around, source, step.id)) return [];
  return [{ label: `Connect ${source} → ${step.id}`, edit: { kind: 'connect', edge: { from: source, to: step.id, branch: null } } }];
}

function canFollow({ step, around }: ProblemPlace, source: string): boolean {
  return (
    source !== step.id && !wouldCycle(around, source, step.id) && step.depends_on?.some((one) => dependencyStep(one) === source) !== true
  );
}

function dependencyAt({ step, path }: ProblemPlace): Dependency | null {
  return step.depends_on?.[Number(path[1])] ?? null;
}

function replaced({ step, path }: ProblemPlace, dependency: Dependency | null, label: string): QuickFix {
  const list = (step.depends_on ?? []).flatMap((one, at) => (at !== Number(path[1]) ? [one] : dependency === null ? [] : [dependency]));
  return { label, edit: { kind: 'update_step', id: step.id, changes: { depends_on: list.length === 0 ? null : list } } };
}

/** The branches that the source does have; refusals last. */
function otherBranches(place: ProblemPlace, source: Dependency): QuickFix[] {
  const from = place.around.steps[stepIndex(place.around).get(dependencyStep(source)) ?? -1];
  const branches = from === undefined ? null : stepBranches(from, place.catalog);
  const taken = new Set((place.step.depends_on ?? []).map((one) => `${dependencyStep(one)} ${dependencyBranch(one) ?? ''}`));
  return (branches ?? [])
    .filter((branch) => !taken.has(`${dependencyStep(source)} ${branch}`))
    .slice(0, 4)
    .map((branch) => replaced(place, dependencyOf(dependencyStep(source), branch), `Follow branch ${branch}`));
}

/** Gives the source the branch that is missing, where its type can have more. */
function missingBranch({ around, catalog }: ProblemPlace, source: string, branch: string): QuickFix[] {
  const step = around.steps[stepIndex(around).get(source) ?? -1];
  const config = step === undefined ? null : (stepType(catalog, step.type)?.withBranch?.(step.config ?? {}, branch) ?? null);
  const edit: Edit | null = config === null ? null : { kind: 'set_config', id: source, config };
  return edit === null ? [] : [{ label: `Add branch ${branch} to ${source}`, edit }];
}
