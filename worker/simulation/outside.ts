import type { Job } from './statement.ts';
import type { Process } from './world.ts';

/** What becomes of a statement on its way. */
export type Fate = 'well' | 'lost before' | 'lost after';

/** Rows of the journal as they were committed, and by whom. */
export interface Written {
  readonly run: string;
  /** Null: by whoever changes a run that nobody drives. */
  readonly worker: string | null;
  /** Whose the run was, and whether the worker was alive. */
  readonly owner: string | null;
  readonly alive: boolean;
}

export interface Outside {
  /** Asked for each statement as it arrives. */
  readonly fateOf: (process: Process, text: string) => Fate;
  /** Told of each commit that changed runs, before its hints and jobs go out. */
  readonly onCommit: (touched: ReadonlySet<string>, written: readonly Written[]) => void;
  readonly onNotify: (channel: string, payload: string) => void;
  readonly onJob: (job: Job) => void;
}
