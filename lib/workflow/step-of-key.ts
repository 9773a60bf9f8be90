import type { Graph, GraphStep } from './graph.ts';
import { idOfKey, turnsOfKey } from './step-key.ts';

/** The drawn step behind a step key: `each[3].fetch` is the step `fetch` inside the loop `each`. */
export function stepOfKey(graph: Graph, key: string): GraphStep | undefined {
  let at: Graph | undefined = graph;
  for (const { loop } of turnsOfKey(key) ?? []) at = at?.byId.get(loop)?.body?.graph;
  return at?.byId.get(idOfKey(key));
}
