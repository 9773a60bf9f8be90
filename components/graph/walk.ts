import type { Position, Step } from '#lib/workflow/definition.ts';
import { dependencyStep } from '#lib/workflow/graph.ts';
import { CARD_WIDTH } from './card-shape.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

/**
 * The step that an arrow key leads to: left and right walk along edges (the nearest in height first), up and down go to
 * the nearest card in the same column. Null where there is none.
 */
export function stepInDirection(
  steps: readonly Step[],
  positions: ReadonlyMap<string, Position>,
  from: string,
  direction: Direction,
): string | null {
  const here = positions.get(from);
  if (here === undefined) return null;
  if (direction === 'left' || direction === 'right') return nearestInHeight(neighbours(steps, from, direction), positions, here);
  const sign = direction === 'down' ? 1 : -1;
  const column = steps
    .map((step) => ({ id: step.id, at: positions.get(step.id) }))
    .filter(({ id, at }) => id !== from && at !== undefined && Math.abs(at.x - here.x) < CARD_WIDTH && (at.y - here.y) * sign > 0)
    .toSorted((a, b) => ((a.at?.y ?? 0) - (b.at?.y ?? 0)) * sign);
  return column[0]?.id ?? null;
}

function neighbours(steps: readonly Step[], from: string, direction: 'left' | 'right'): string[] {
  if (direction === 'left') return (steps.find((step) => step.id === from)?.depends_on ?? []).map(dependencyStep);
  return steps.filter((step) => step.depends_on?.some((dependency) => dependencyStep(dependency) === from)).map((step) => step.id);
}

function nearestInHeight(ids: readonly string[], positions: ReadonlyMap<string, Position>, here: Position): string | null {
  const distance = (id: string): number => Math.abs((positions.get(id)?.y ?? Number.POSITIVE_INFINITY) - here.y);
  return ids.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
}
