import { type DiffOverlay, edgeKey, type StepDiffState } from '#components/graph/overlay.ts';
import type { Definition, Dependency, Step } from '#lib/workflow/definition.ts';
import type { DefinitionDiff } from '#lib/workflow/diff.ts';

/** Both versions on one canvas: what to draw and how. */
export interface ComparedGraph {
  /** The steps after the change, then those that went away, with every edge of either version. */
  readonly steps: readonly Step[];
  readonly overlay: DiffOverlay;
}

/** Lays the earlier version under the later one: removed steps and edges are drawn where they stood. */
export function compareGraphs(after: Definition, diff: DefinitionDiff): ComparedGraph {
  const drawn = new Set([...after.steps, ...diff.removed].map((step) => step.id));
  const lostEdges = diff.edgesRemoved.filter((edge) => drawn.has(edge.from) && drawn.has(edge.to));
  const goneDependencies = new Map<string, Dependency[]>();
  for (const edge of lostEdges) {
    const list = goneDependencies.get(edge.to) ?? [];
    list.push(edge.branch === null ? edge.from : { step: edge.from, branch: edge.branch });
    goneDependencies.set(edge.to, list);
  }
  const withGone = (step: Step, kept: readonly Dependency[]): Step => {
    const gone = goneDependencies.get(step.id);
    return gone === undefined && kept === step.depends_on ? step : { ...step, depends_on: [...kept, ...(gone ?? [])] };
  };
  return {
    steps: [...after.steps.map((step) => withGone(step, step.depends_on ?? [])), ...diff.removed.map((step) => withGone(step, []))],
    overlay: {
      kind: 'diff',
      steps: stepStates(after, diff),
      edges: new Map([
        ...diff.edgesAdded.map((edge) => [edgeKey(edge.from, edge.to, edge.branch), 'added'] as const),
        ...lostEdges.map((edge) => [edgeKey(edge.from, edge.to, edge.branch), 'removed'] as const),
      ]),
    },
  };
}

function stepStates(after: Definition, diff: DefinitionDiff): Map<string, StepDiffState> {
  const states = new Map<string, StepDiffState>(after.steps.map((step) => [step.id, { kind: 'unchanged' }]));
  for (const rename of diff.renamed) states.set(rename.to, { kind: 'changed', fields: 1 });
  for (const change of diff.changed) {
    const fields = change.fields.length + (change.renamedFrom === null ? 0 : 1);
    states.set(change.id, fields > 0 ? { kind: 'changed', fields } : { kind: 'rewired' });
  }
  for (const step of diff.added) states.set(step.id, { kind: 'added' });
  for (const step of diff.removed) states.set(step.id, { kind: 'removed' });
  return states;
}
