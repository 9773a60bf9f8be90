import { afterAll, afterEach, beforeAll } from 'vitest';
import { disconnect } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import type { RunWorker } from './run-worker.ts';
import { startWorker } from './test-runs.ts';

/**
 * Gives a test file a database of its own. The answer starts workers of this process; they are stopped after each test,
 * if the test has not done it.
 */
export function freshWorkers(): (...options: Parameters<typeof startWorker>) => Promise<RunWorker> {
  const started: RunWorker[] = [];
  beforeAll(async () => {
    await freshDatabase();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.stop(500)));
  });
  afterAll(async () => {
    await stopListening();
    await disconnect();
  });
  return async (...options) => {
    const made = await startWorker(...options);
    started.push(made);
    return made;
  };
}
