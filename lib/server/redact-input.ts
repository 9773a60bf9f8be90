import { stepCatalog } from '#lib/steps/catalog.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import { expressionsOf } from '#lib/workflow/step-references.ts';

/** Ids of the steps that may have been given a sensitive output, by graph; null where the graph has no sensitive step. */
const readers = new WeakMap<Graph, ReadonlySet<string> | null>();

/**
 * True where the config that a step was given may hold the output of a sensitive step: its expressions read one, or could
 * read any. Of a step inside a loop only the loop's surroundings are known, so it counts wherever anything is sensitive.
 */
export function mayHoldSensitive(graph: Graph, stepKey: string): boolean {
  let found = readers.get(graph);
  if (found === undefined) {
    found = readersOf(graph);
    readers.set(graph, found);
  }
  return found !== null && (found.has(stepKey) || !graph.byId.has(stepKey));
}

function readersOf(graph: Graph): ReadonlySet<string> | null {
  const sensitive = new Set(sensitiveIds(graph));
  if (sensitive.size === 0) return null;
  const found = new Set<string>();
  for (const { id, source } of graph.steps) {
    const given = Object.values(source.args_from ?? {}).some((from) => sensitive.has(from));
    const reads = expressionsOf(source, stepCatalog).references.some(({ root, step }) => {
      if (root === 'args') return given;
      if (root === 'steps') return step === null || sensitive.has(step);
      return root === '*' || root === 'context';
    });
    if (reads) found.add(id);
  }
  return found;
}

/** A loop's results are made of what its steps give, so it counts where one of them does. */
function sensitiveIds(graph: Graph): string[] {
  return graph.steps.flatMap((step) => {
    const within = step.body === null ? [] : sensitiveIds(step.body.graph);
    return step.sensitive || within.length > 0 ? [step.id, ...within] : [];
  });
}
