import type { Failure } from './check.ts';
import type { Result } from './simulate.ts';

/** What many simulations add up to. */
export interface Totals {
  plans: number;
  runs: number;
  moves: number;
  statements: number;
  calls: number;
  /** Calls with a key that had been used by an earlier try. */
  repeated: number;
  /** Calls by workers that had been declared dead and did not know it. */
  late: number;
  readonly faults: Record<string, number>;
  readonly rows: Record<string, number>;
  readonly steps: Record<string, number>;
  readonly failures: Failure[];
}

export function noTotals(): Totals {
  return { plans: 0, runs: 0, moves: 0, statements: 0, calls: 0, repeated: 0, late: 0, faults: {}, rows: {}, steps: {}, failures: [] };
}

export function addResult(
  totals: Totals,
  { runs, moves, statements, calls, faults, rows }: Result,
  steps: Readonly<Record<string, number>>,
): void {
  addTotals(totals, {
    ...{ plans: 1, runs, moves, statements, calls: calls.all, repeated: calls.repeated, late: calls.late },
    ...{ faults, rows, steps, failures: [] },
  });
}

export function addTotals(totals: Totals, more: Totals): void {
  for (const name of ['plans', 'runs', 'moves', 'statements', 'calls', 'repeated', 'late'] as const) totals[name] += more[name];
  for (const name of ['faults', 'rows', 'steps'] as const)
    for (const [kind, count] of Object.entries(more[name])) totals[name][kind] = (totals[name][kind] ?? 0) + count;
  totals.failures.push(...more.failures);
}
