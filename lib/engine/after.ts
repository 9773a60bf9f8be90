import type { Graph } from '#lib/workflow/graph.ts';

/** These steps and everything after them: along edges, to their fallbacks, and past the steps a fallback stands in for. */
export function stepsAfter(graph: Graph, first: Iterable<number>): Set<number> {
  const found = new Set<number>();
  const open = [...first];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const step = graph.steps[index];
    if (step === undefined || found.has(index)) continue;
    found.add(index);
    for (const edge of step.outgoing) open.push(edge.to);
    if (step.fallback !== null) open.push(step.fallback);
    // Those keep their failure, but what follows them hangs on this step's result.
    for (const user of step.fallbackFor) for (const edge of graph.steps[user]?.outgoing ?? []) open.push(edge.to);
  }
  return found;
}
