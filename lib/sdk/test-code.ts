import { afterEach, beforeAll } from 'vitest';
import { atEnd } from '#lib/base/test-end.ts';
import { PERMISSIONS } from '#lib/contracts/contract.ts';
import type { Run } from '#lib/contracts/runs.ts';
import { disconnect } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { type TestApi, testApi } from '#lib/http/test-api.ts';
import { createKey } from '#lib/server/create-key.ts';
import type { RunWorker } from '#worker/run-worker.ts';
import { done, startWorker, until } from '#worker/test-runs.ts';
import { WeftlineClient } from './client.ts';
import { createTaskWorker, type TaskWorker, type TaskWorkerOptions } from './task-worker.ts';
import { serveApi } from './test-server.ts';
import type { CodeWorkflow } from './workflow.ts';

/** What the tests of code share: a database, an API over HTTP, an engine's worker, and task workers of this process. */
export interface CodeTest {
  readonly client: WeftlineClient;
  readonly api: TestApi;
  readonly url: string;
  readonly key: string;
}

const started: TaskWorker[] = [];

/** Gives a test file all of it; the answer is there once a test runs. */
export function codeTest(): () => CodeTest {
  let test: CodeTest | null = null;
  let engine: RunWorker | null = null;
  beforeAll(async () => {
    await freshDatabase();
    const api = await testApi();
    const server = await serveApi();
    engine = await startWorker(() => done());
    const body = { name: 'task worker', scopes: [...PERMISSIONS], expires_at: null };
    const { key } = await createKey(api.access, { params: {}, query: {}, body });
    test = { api, key, url: server.url, client: new WeftlineClient({ baseUrl: server.url, apiKey: key }) };
    atEnd(async () => {
      await engine?.stop(500);
      await server.close();
      await stopListening();
      await disconnect();
    });
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.stop(2000)));
  });
  return () => {
    if (test === null) throw new Error('Only in a test');
    return test;
  };
}

export interface ServedCode {
  readonly worker: TaskWorker;
  /** Of the workflows, by name. */
  readonly ids: Readonly<Record<string, string>>;
}

/** A started task worker of this process, stopped after the test; answers the ids of its workflows. */
export async function serveCode(
  { client }: CodeTest,
  workflows: readonly CodeWorkflow[],
  options: Partial<TaskWorkerOptions> = {},
): Promise<ServedCode> {
  const worker = createTaskWorker({ client, workflows, leaseMs: 2000, ...options });
  started.push(worker);
  return { worker, ids: await worker.start() };
}

/** The run when it has ended. */
export async function endOf({ client }: CodeTest, runId: string, millis = 15_000): Promise<Run> {
  let run = await client.getRun(runId);
  await until(
    async () => {
      run = await client.getRun(runId);
      return run.completed_at !== null;
    },
    millis,
    20,
  );
  return run;
}

/** Its steps by id, without that of the code itself. */
export function calledSteps(run: Run): Record<string, Run['step_runs'][number]> {
  return Object.fromEntries(run.step_runs.filter((step) => !step.step_id.endsWith(':0')).map((step) => [step.step_id, step]));
}
