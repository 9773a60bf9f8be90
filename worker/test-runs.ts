import { idFromUuid, uuidFromId, uuidv7 } from '#lib/base/ids.ts';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { database, pool } from '#lib/db/client.ts';
import { createRuns, type NewRun } from '#lib/db/create-runs.ts';
import { storeDefinition } from '#lib/db/definitions.ts';
import { readAllEvents } from '#lib/db/run-events.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { plainStep } from '#lib/engine/test-run.ts';
import { runLimit } from '#lib/server/run-limit.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { StepContext, StepExecutor, StepOutcome } from '#lib/steps/executor.ts';
import { stepExecutors } from '#lib/steps/executors.ts';
import type { Definition, Step } from '#lib/workflow/definition.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import type { Executors } from './prepared-step.ts';
import { RunWorker, type WorkerOptions } from './run-worker.ts';

/** What the tests of the worker and the benchmark share: runs made without the API, and step types moved by hand. */

/** `work` is a durable step that may be repeated, `once` one that may not. What they do is the test's choice. */
export const testCatalog: StepCatalog = { ...stepCatalog, work: plainStep, once: { ...plainStep, type: 'once', onCrash: () => 'ask' } };

export type Behavior = (context: StepContext, config: JsonObject) => StepOutcome | Promise<StepOutcome>;

export function testExecutors(behavior: Behavior): Executors {
  const execute: StepExecutor = (config, context) => behavior(context, config);
  return { ...stepExecutors, work: execute, once: execute };
}

/** A started worker of this process. */
export async function startWorker(behavior: Behavior, options: Partial<WorkerOptions> = {}): Promise<RunWorker> {
  const worker = new RunWorker({
    catalog: testCatalog,
    executors: testExecutors(behavior),
    slots: 100,
    queues: ['default'],
    mockUrl: 'http://127.0.0.1:9/mock',
    fetch,
    ...options,
  });
  await worker.start();
  return worker;
}

export const done = (output: Json = null): StepOutcome => ({ kind: 'completed', output });

/** Stores a workflow by hand, in a workspace of its own. Steps are `work` where no type is said. */
export async function storeSteps(
  steps: readonly (Partial<Step> & { id: string })[],
  rest: Partial<Omit<Definition, 'steps'>> = {},
): Promise<{ start: (count?: number, input?: Json, more?: Partial<NewRun>) => Promise<string[]>; workspaceId: string }> {
  const definition = { name: 'test', ...rest, steps: steps.map((step) => ({ type: 'work', ...step })) };
  const definitionHash = await storeDefinition(database(), definition);
  const [workspaceUuid, workflowUuid] = [uuidv7(), uuidv7()];
  await database().workspace.create({ data: { id: workspaceUuid, name: 'test', slug: workspaceUuid } });
  await database().workflow.create({ data: { id: workflowUuid, workspaceId: workspaceUuid, name: 'test', currentVersion: 1 } });
  const workspaceId = idFromUuid('ws', workspaceUuid);
  const workflowId = idFromUuid('wf', workflowUuid);
  return {
    workspaceId,
    /** Starts runs; answers their ids. */
    start: async (count = 1, input: Json = {}, more: Partial<NewRun> = {}) => {
      const limit = await runLimit(definition, { workflowUuid, input, current: true });
      const one = { workspaceId, workflowId, version: 1, definitionHash, trigger: 'api', input, limit, ...more };
      return (await createRuns(Array.from({ length: count }, () => one))).map((run) => run.runId);
    },
  };
}

/** A chain of `length` steps of one type. */
export function chainOf(length: number, step: Partial<Step> = {}): (Partial<Step> & { id: string })[] {
  return Array.from({ length }, (_, index) => ({ ...step, id: `s${index + 1}`, ...(index === 0 ? {} : { depends_on: [`s${index}`] }) }));
}

export interface RunRow {
  readonly status: string;
  readonly owner: string | null;
  readonly epoch: number;
  readonly last_seq: number;
  readonly error: { code: string; message: string } | null;
  readonly output: Json;
}

export async function rowOf(runId: string): Promise<RunRow> {
  const { rows } = await pool().query<RunRow>('select status, owner, epoch, last_seq, error, output from run where id = $1', [
    uuidOf(runId),
  ]);
  if (rows[0] === undefined) throw new Error(`There is no ${runId}`);
  return rows[0];
}

export function uuidOf(runId: string): string {
  return uuidFromId('run', runId) ?? '';
}

export function eventsOf(runId: string): Promise<RunEvent[]> {
  return readAllEvents(uuidOf(runId));
}

/** Event types in order, steps' with their id: `step_completed a`. */
export async function storyOf(runId: string): Promise<string[]> {
  return (await eventsOf(runId)).map((event) => ('step' in event ? `${event.type} ${event.step}` : event.type));
}

/** Waits until `check` answers true. Fails after `millis` with what `check` last said. */
export async function until(check: () => Promise<boolean> | boolean, millis = 15_000, pause = 10): Promise<void> {
  const end = Date.now() + millis;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`It did not come true within ${millis} ms: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Waits until all these runs have ended. */
export async function ended(runIds: readonly string[], millis = 20_000, pause = 10): Promise<void> {
  await until(
    async () => {
      const { rows } = await pool().query<{ open: number }>(
        'select count(*)::int as open from run where id = any($1) and completed_at is null',
        [runIds.map(uuidOf)],
      );
      return rows[0]?.open === 0;
    },
    millis,
    pause,
  );
}
