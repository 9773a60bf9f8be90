import type { Scope } from './state.ts';

/**
 * A binary heap of "wake this step at that time". Entries are never removed by step: one is stale when its step no
 * longer waits for exactly that time, and the reader drops it then.
 */
export interface Timer {
  at: number;
  readonly scope: Scope;
  readonly step: number;
}

/** O(log n). */
export function pushTimer(heap: Timer[], timer: Timer): void {
  let hole = heap.length;
  heap.push(timer);
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || above.at <= timer.at) break;
    heap[hole] = above;
    hole = parent;
  }
  heap[hole] = timer;
}

/** Takes the earliest timer out; O(log n). */
export function popTimer(heap: Timer[]): Timer | undefined {
  const top = heap[0];
  const moved = heap.pop();
  if (top === undefined || moved === undefined || heap.length === 0) return top;
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1]?.at ?? 0) < (heap[child]?.at ?? 0)) child++;
    const below = heap[child];
    if (below === undefined || below.at >= moved.at) break;
    heap[hole] = below;
    hole = child;
  }
  heap[hole] = moved;
  return top;
}
