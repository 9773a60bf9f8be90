import { Graph, layout } from '@dagrejs/dagre';
import type { Position, Step } from '#lib/workflow/definition.ts';
import { dependencyBranch, dependencyStep } from '#lib/workflow/graph.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { CARD_WIDTH, cardShape, takenBranches } from './card-shape.ts';

const GAP_ALONG = 96;
const GAP_ACROSS = 32;
/** Positions snap to this grid. */
export const GRID = 8;
/** dagre needs 0.25 s for 500 steps and 2 s for 2,000; above this the linear layering below takes over. */
const DAGRE_LIMIT = 400;

export type Positions = ReadonlyMap<string, Position>;

/** All of the steps that a layout depends on: equal texts, equal positions. What is typed in a config field changes nothing here. */
export function layoutKey(steps: readonly Step[], catalog: StepCatalog): string {
  const taken = takenBranches(steps);
  return JSON.stringify(
    steps.map((step) => {
      const { height, ports } = cardShape(step, catalog, taken.get(step.id));
      return [step.id, step.position, step.depends_on, height, ports.map((port) => port.branch)];
    }),
  );
}

/** Lays a graph out from left to right. Deterministic: equal graphs get equal positions. */
export function layoutSteps(steps: readonly Step[], catalog: StepCatalog): Positions {
  const taken = takenBranches(steps);
  const heights = new Map(steps.map((step) => [step.id, cardShape(step, catalog, taken.get(step.id)).height]));
  return steps.length > DAGRE_LIMIT ? layoutLarge(steps, heights) : layoutWithDagre(steps, heights, catalog);
}

function layoutWithDagre(steps: readonly Step[], heights: ReadonlyMap<string, number>, catalog: StepCatalog): Positions {
  const graph = new Graph({ multigraph: false });
  graph.setGraph({ rankdir: 'LR', ranksep: GAP_ALONG, nodesep: GAP_ACROSS, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const step of steps) graph.setNode(step.id, { width: CARD_WIDTH, height: heights.get(step.id) ?? 56 });
  for (const [from, to] of edgesOf(steps)) graph.setEdge(from, to);
  layout(graph, { constraints: portOrder(steps, catalog) });
  const positions = new Map<string, Position>();
  for (const step of steps) {
    const node = graph.node(step.id) as { x: number; y: number; width: number; height: number };
    positions.set(step.id, { x: snap(node.x - node.width / 2), y: snap(node.y - node.height / 2) });
  }
  return positions;
}

/**
 * What follows the upper branch stands above what follows the lower one, and an error's path lowest. Only steps with a
 * single dependency are held to it: constraints of two parents could contradict each other.
 */
function portOrder(steps: readonly Step[], catalog: StepCatalog): { left: string; right: string }[] {
  const taken = takenBranches(steps);
  const after = new Map<string, { id: string; port: number }[]>();
  const rank = new Map(
    steps.map((step) => [step.id, cardShape(step, catalog, taken.get(step.id)).ports.map((port) => port.branch)] as const),
  );
  for (const step of steps) {
    const [only, second] = step.depends_on ?? [];
    if (only === undefined || second !== undefined) continue;
    const from = dependencyStep(only);
    const port = rank.get(from)?.indexOf(dependencyBranch(only)) ?? 0;
    after.set(from, [...(after.get(from) ?? []), { id: step.id, port }]);
  }
  return [...after.values()].flatMap((followers) => {
    const ordered = followers.toSorted((a, b) => a.port - b.port);
    return ordered.slice(1).flatMap((follower, index) => {
      const before = ordered[index];
      return before !== undefined && before.port < follower.port ? [{ left: before.id, right: follower.id }] : [];
    });
  });
}

/** Longest-path layers, each ordered by the mean row of what it depends on. Linear, so 10,000 steps take milliseconds. */
function layoutLarge(steps: readonly Step[], heights: ReadonlyMap<string, number>): Positions {
  const before = new Map<string, string[]>(steps.map((step) => [step.id, []]));
  for (const [from, to] of edgesOf(steps)) before.get(to)?.push(from);
  const layers = layersOf(steps, before);
  const columns: string[][] = [];
  for (const step of steps) {
    const layer = layers.get(step.id) ?? 0;
    columns[layer] ??= [];
    columns[layer]?.push(step.id);
  }
  const positions = new Map<string, Position>();
  const middle = new Map<string, number>();
  columns.forEach((column, layer) => {
    const wish = (id: string): number => {
      const rows = (before.get(id) ?? []).map((from) => middle.get(from) ?? 0);
      return rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + row, 0) / rows.length;
    };
    const wishes = new Map(column.map((id) => [id, wish(id)]));
    const ordered = column.toSorted((a, b) => (wishes.get(a) ?? 0) - (wishes.get(b) ?? 0));
    const total = ordered.reduce((sum, id) => sum + (heights.get(id) ?? 56) + GAP_ACROSS, -GAP_ACROSS);
    let y = ordered.reduce((sum, id) => sum + (wishes.get(id) ?? 0), 0) / Math.max(1, ordered.length) - total / 2;
    for (const id of ordered) {
      const height = heights.get(id) ?? 56;
      positions.set(id, { x: layer * (CARD_WIDTH + GAP_ALONG), y: snap(y) });
      middle.set(id, y + height / 2);
      y += height + GAP_ACROSS;
    }
  });
  return positions;
}

/** Layer of each step by Kahn's order; steps on a cycle (a draft may hold one) go to the layer reached so far. */
function layersOf(steps: readonly Step[], before: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const open = new Map(steps.map((step) => [step.id, before.get(step.id)?.length ?? 0]));
  const after = new Map<string, string[]>();
  for (const [to, froms] of before) {
    for (const from of froms) after.set(from, [...(after.get(from) ?? []), to]);
  }
  const layers = new Map<string, number>();
  const queue = steps.filter((step) => open.get(step.id) === 0).map((step) => step.id);
  for (const id of queue) layers.set(id, 0);
  for (let at = 0; at < queue.length; at += 1) {
    const id = queue[at] ?? '';
    for (const next of after.get(id) ?? []) {
      layers.set(next, Math.max(layers.get(next) ?? 0, (layers.get(id) ?? 0) + 1));
      const left = (open.get(next) ?? 0) - 1;
      open.set(next, left);
      if (left === 0) queue.push(next);
    }
  }
  return layers;
}

/** Edges between existing, different steps, each once. */
function edgesOf(steps: readonly Step[]): [string, string][] {
  const ids = new Set(steps.map((step) => step.id));
  const seen = new Set<string>();
  const edges: [string, string][] = [];
  for (const step of steps) {
    for (const dependency of step.depends_on ?? []) {
      const from = dependencyStep(dependency);
      if (from === step.id || !ids.has(from) || seen.has(`${from}>${step.id}`)) continue;
      seen.add(`${from}>${step.id}`);
      edges.push([from, step.id]);
    }
  }
  return edges;
}

/** A position for every step: its own, else one beside what it depends on, else from the layout of the whole. */
export function resolvePositions(steps: readonly Step[], catalog: StepCatalog): Positions {
  const placed = new Map<string, Position>();
  for (const step of steps) if (step.position !== undefined) placed.set(step.id, step.position);
  if (placed.size === steps.length) return placed;
  if (placed.size === 0) return layoutSteps(steps, catalog);
  const floor = Math.max(...[...placed.values()].map((position) => position.y)) + 56 + GAP_ACROSS * 2;
  const left = Math.min(...[...placed.values()].map((position) => position.x));
  for (const step of steps) {
    if (placed.has(step.id)) continue;
    const sources = (step.depends_on ?? [])
      .map((dependency) => placed.get(dependencyStep(dependency)))
      .filter((found) => found !== undefined);
    const wish =
      sources.length > 0
        ? { x: Math.max(...sources.map((source) => source.x)) + CARD_WIDTH + GAP_ALONG, y: sources[0]?.y ?? 0 }
        : { x: left, y: floor };
    placed.set(step.id, freePlace(wish, placed));
  }
  return placed;
}

/** The wished place, or the first one below it where a card doesn't cover another. */
export function freePlace(wish: Position, placed: Positions): Position {
  let y = snap(wish.y);
  const x = snap(wish.x);
  const near = [...placed.values()].filter((other) => Math.abs(other.x - x) < CARD_WIDTH + GRID);
  while (near.some((other) => Math.abs(other.y - y) < 56 + GAP_ACROSS)) y += GRID;
  return { x, y };
}

/** Nearest grid line. */
export function snap(value: number): number {
  return Math.round(value / GRID) * GRID + 0;
}
