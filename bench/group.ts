import type { Sample } from './rows.ts';
import type { ThrowawayDatabase } from './throwaway-database.ts';

export interface Bench {
  readonly database: ThrowawayDatabase;
  /** For people who wait: a third of the work. */
  readonly quick: boolean;
}

/** What is measured together, in each round once, with processes that are started for it. */
export interface Group {
  readonly name: string;
  readonly title: string;
  round(bench: Bench): Promise<Sample[]>;
}

/** So many in a full run, a third in a quick one. */
export function scaled({ quick }: Bench, count: number): number {
  return quick ? Math.ceil(count / 3) : count;
}
