import type { Bugs } from './bugs.ts';
import { check, shrink } from './check.ts';
import { drawPlan, type FaultKind, type Plan } from './plan.ts';
import { addResult, noTotals, type Totals } from './totals.ts';

/** Calls `play` outside of any promise, as `simulate` asks for. */
export function outside<T>(play: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(play());
      } catch (thrown) {
        reject(thrown);
      }
    });
  });
}

/** Plays the plans of these seeds and adds them up. A failure is made small. */
export function playSeeds(seeds: Iterable<number>): Totals {
  const totals = noTotals();
  for (const seed of seeds) {
    const plan = drawPlan(seed);
    const result = check(plan);
    addResult(totals, result, stepsOf(plan));
    if (result.broken === null) continue;
    const smaller = shrink(seed);
    if (smaller !== null) totals.failures.push(smaller);
  }
  return totals;
}

/** The first seed, of so many, whose plan shows a bug; with these faults alone, where some are named. */
export function findBug(
  bugs: Bugs,
  seeds: number,
  faults?: readonly FaultKind[],
): { readonly seed: number; readonly broken: string } | null {
  for (let seed = 1; seed <= seeds; seed++) {
    const { broken } = check(drawPlan(seed, faults), bugs);
    if (broken !== null) return { seed, broken };
  }
  return null;
}

function stepsOf({ workflows, runs }: Plan): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { workflow } of runs) {
    for (const step of workflows[workflow]?.definition.steps ?? []) {
      const kind = step.queue === undefined ? step.type : `${step.type} on another queue`;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
  }
  return counts;
}
