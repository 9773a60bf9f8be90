// @ts-check
/** Keeps the embedded PostgreSQL up: what ended is started again, for as long as it takes (its disk may be full). */
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from './postgres.mjs';

const POLL_MS = 500;
const RETRY_MS = 2_000;

/**
 * Watches until `stopping`.
 * @param {{ current: import('./postgres.mjs').Postgres }} kept `current` is set to every new one
 * @param {{ folder: string, stopping: () => boolean, complain: (text: string) => void }} options
 */
export async function keepPostgres(kept, { folder, stopping, complain }) {
  for (;;) {
    await sleep(POLL_MS);
    if (stopping()) return;
    if (kept.current.alive()) continue;
    complain('The database ended; it starts again.');
    try {
      kept.current = await startPostgres({ folder });
    } catch (error) {
      complain(error instanceof Error ? error.message : String(error));
      await sleep(RETRY_MS);
    }
  }
}
