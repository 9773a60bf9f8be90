import { Logger, runMigrations } from 'graphile-worker';
import { databaseUrl, pool } from './client.ts';

/**
 * graphile-worker only wakes: a job says "look at the queue" or "look at this run". Who drives a run is decided by the
 * run's row, so a job that is lost, late or handed out twice does no harm.
 */
export const WAKE_TASK = 'wake_queue';
export const WAKE_RUN_TASK = 'wake_run';

const registry = globalThis as typeof globalThis & { weftlineDispatcher?: { url: string; ready: Promise<void> } };

/** For graphile-worker, whose notes about each job are of no use here. */
export const quietLogger = new Logger(() => () => {});

/** Makes graphile-worker's tables where they are missing. Once for each process and database. */
export function ensureDispatcher(): Promise<void> {
  const url = databaseUrl();
  if (registry.weftlineDispatcher?.url !== url) {
    const ready = runMigrations({ pgPool: pool(), logger: quietLogger });
    registry.weftlineDispatcher = { url, ready };
    ready.catch(() => {
      delete registry.weftlineDispatcher;
    });
  }
  return registry.weftlineDispatcher.ready;
}
