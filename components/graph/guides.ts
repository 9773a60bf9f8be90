import type { Position, Step } from '#lib/workflow/definition.ts';
import { CARD_WIDTH } from './card-shape.ts';

/** A line that shows what a dragged card is aligned with, in canvas pixels. */
export interface Guide {
  readonly axis: 'x' | 'y';
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** A dragged card jumps to a neighbour's line within this distance. */
const PULL = 6;

/** Aligns a single dragged card with the others' left and top edges; several dragged cards keep their places. */
export function alignTo(
  dragged: ReadonlyMap<string, Position>,
  positions: ReadonlyMap<string, Position>,
  steps: readonly Step[],
): { places: ReadonlyMap<string, Position>; guides: readonly Guide[] } {
  const [entry] = dragged;
  if (dragged.size !== 1 || entry === undefined) return { places: dragged, guides: [] };
  const [id, place] = entry;
  const others = steps.flatMap((step) => (step.id === id ? [] : (positions.get(step.id) ?? [])));
  const column = closest(others, (other) => Math.abs(other.x - place.x));
  const row = closest(others, (other) => Math.abs(other.y - place.y));
  const x = column && Math.abs(column.x - place.x) <= PULL ? column.x : place.x;
  const y = row && Math.abs(row.y - place.y) <= PULL ? row.y : place.y;
  const guides: Guide[] = [];
  if (column && x === column.x) guides.push({ axis: 'x', at: x, from: Math.min(y, column.y) - 16, to: Math.max(y, column.y) + 72 });
  if (row && y === row.y) guides.push({ axis: 'y', at: y, from: Math.min(x, row.x) - 16, to: Math.max(x, row.x) + CARD_WIDTH + 16 });
  return { places: new Map([[id, { x, y }]]), guides };
}

function closest(places: readonly Position[], distance: (place: Position) => number): Position | undefined {
  let best: Position | undefined;
  for (const place of places) if (best === undefined || distance(place) < distance(best)) best = place;
  return best;
}
