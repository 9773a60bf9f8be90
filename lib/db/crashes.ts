import { relaxedPool } from './client.ts';

/**
 * Runs that end their workers. A run's `crashes` are the owners that died without its journal having made progress.
 *
 *     0 ─▶ … ─▶ 3 suspect ─▶ 4 ─▶ 5 given up: RUN_POISONED          (progress: back to 0)
 */

/** A dead worker that held a run this often without any progress makes the next one give the run up. */
export const MAX_CRASHES = 5;

/**
 * From here on a run may be what ends its workers. Those that it took down with it have as many crashes as it has: a worker drives
 * one of them at a time beside its other runs, so that who is innocent gets on, and who is not stands alone with the last crashes.
 */
export const SUSPECT_CRASHES = 3;

/** That a step began, and what it said, is no progress: a step that ends its worker begins with every owner anew. */
const BEGINNINGS: readonly string[] = ['step_started', 'step_log', 'step_progress', 'step_undoing'];
export const BEGINNINGS_SQL = BEGINNINGS.map((type) => `'${type}'`).join(', ');

/** True where one of these rows got the run on. */
export function isProgress(rows: readonly { readonly type: string }[]): boolean {
  return rows.some((row) => !BEGINNINGS.includes(row.type));
}

/** Forgets the crashes of a run that has made progress since. */
export async function forgetCrashes(workerId: string, run: { readonly id: string; readonly epoch: number }): Promise<void> {
  await relaxedPool().query('update run set crashes = 0 where id = $1 and owner = $2 and epoch = $3', [run.id, workerId, run.epoch]);
}
