import type { Graph, GraphStep } from './graph.ts';
import { idOfKey, turnsOfKey } from './step-key.ts';

/** The drawn step behind a step key: `each[3].fetch` is the step `fetch` inside the loop `each`. */
export function stepOfKey(graph: Graph, key: string): GraphStep | undefined {
  let at: Graph | undefined = graph;
  for (const { loop } of turnsOfKey(key) ?? []) at = at?.byId.get(loop)?.body?.graph;
  return at?.byId.get(idOfKey(key));
}

/** A step key as people read it, with the names of the steps: `Check each #3 › Ask`. */
export function namedWay(graph: Graph, key: string): string {
  const words: string[] = [];
  let at: Graph | undefined = graph;
  for (const { loop, iteration } of turnsOfKey(key) ?? []) {
    words.push(`${at?.byId.get(loop)?.source.name ?? loop} #${iteration}`);
    at = at?.byId.get(loop)?.body?.graph;
  }
  const id = idOfKey(key);
  words.push(at?.byId.get(id)?.source.name ?? id);
  return words.join(' › ');
}
