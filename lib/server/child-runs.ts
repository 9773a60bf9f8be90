import { AppError, errorMessage } from '#lib/base/errors.ts';
import { newId, uuidFromId } from '#lib/base/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';
import { lineOf, runExists } from '#lib/db/children.ts';
import { createRuns } from '#lib/db/create-runs.ts';
import { loadDefinition } from '#lib/db/definitions.ts';
import { findRunTarget, type RunTarget } from '#lib/db/run-target.ts';
import type { ChildPlan, ChildStart, ChildWish } from '#lib/engine/child-plan.ts';
import type { RunError } from '#lib/engine/events.ts';
import { TEST_TRIGGER } from '#lib/engine/trial.ts';
import { inputProblems } from './check-input.ts';
import { makeRoom, runLimit } from './run-limit.ts';

/** The run whose step starts another. Wire ids. */
export interface ChildStarter {
  readonly workspaceId: string;
  readonly runId: string;
  readonly stepKey: string;
  /** The queue that the step names: the run it starts is taken by workers that serve it. */
  readonly queue?: string | undefined;
}

/** So many runs may stand above one another. */
const MAX_NESTING = 20;

/**
 * What a step wants to run, checked and with everything pinned down: the id that the run will have, its version and its
 * input. Kept in the journal before the run is made, it makes starting it a thing that can be repeated.
 */
export async function planChild(starter: ChildStarter, wish: ChildWish): Promise<ChildPlan> {
  const { workflowId, input } = wish;
  const found = await findTarget(starter.workspaceId, workflowId, wish.version);
  if ('error' in found) return found;
  const { target, version, hash } = found;
  if (target.status === 'archived') return refused(`The workflow ${workflowId} is archived`);
  const tooDeep = await checkLine(starter, workflowId);
  if (tooDeep !== null) return { error: tooDeep };
  const { input_schema: schema } = await loadDefinition(hash);
  const problems = schema === undefined ? [] : inputProblems(schema, input);
  if (problems.length > 0) {
    const first = problems[0];
    const message = `The input does not fit the workflow ${workflowId}: ${first?.path || 'input'}: ${first?.message}`;
    return { error: { code: LOAD_ERROR, message, path: '/config/input', data: problems as unknown as Json } };
  }
  const queue = starter.queue === undefined ? {} : { queue: starter.queue };
  return { child: { run_id: newId('run'), workflow_id: workflowId, version, input, ...queue } };
}

/**
 * Starts the planned run, once, however often it is called: by its id where the step waits for it and keeps the plan, by
 * `onceKey` where it does not wait.
 */
export async function startChild(starter: ChildStarter, plan: JsonObject, onceKey: string | null): Promise<ChildStart> {
  const { run_id, workflow_id, version, input = {}, queue } = plan;
  if (typeof run_id !== 'string') return refused('The plan of this run is not readable');
  const runUuid = uuidFromId('run', run_id);
  const parentUuid = uuidFromId('run', starter.runId) ?? '';
  if (runUuid === null || typeof workflow_id !== 'string' || typeof version !== 'number')
    return refused('The plan of this run is not readable');
  if (await runExists(runUuid)) return { run_id };
  const found = await findTarget(starter.workspaceId, workflow_id, version);
  if ('error' in found) return found;
  const { target, hash, workflowUuid } = found;
  const [line, definition] = await Promise.all([lineOf(parentUuid, 1), loadDefinition(hash)]);
  try {
    const limit = await runLimit(definition, { workflowUuid, input, current: version === target.newest });
    const [made] = await createRuns([
      {
        uuid: runUuid,
        workspaceId: starter.workspaceId,
        workflowId: workflow_id,
        version,
        definitionHash: hash,
        // What a test starts is a test: it counts as no real run either.
        trigger: line[0]?.trigger === TEST_TRIGGER ? TEST_TRIGGER : 'sub-workflow',
        ...(typeof queue === 'string' ? { queue } : {}),
        input,
        priority: line[0]?.priority ?? 0,
        parentRunId: starter.runId,
        parentStep: starter.stepKey,
        parentWaits: onceKey === null,
        idempotencyKey: onceKey,
        limit,
      },
    ]);
    await makeRoom(limit);
    return { run_id: made?.runId ?? run_id };
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'validation_error') return refused(errorMessage(thrown));
    throw thrown;
  }
}

const LOAD_ERROR = 'SUBWORKFLOW_LOAD_ERROR';

function refused(message: string): { readonly error: RunError } {
  return { error: { code: LOAD_ERROR, message } };
}

interface Found {
  readonly target: RunTarget;
  readonly workflowUuid: string;
  readonly version: number;
  readonly hash: string;
}

async function findTarget(workspaceId: string, workflowId: string, wanted: number | null): Promise<Found | { readonly error: RunError }> {
  const workflowUuid = uuidFromId('wf', workflowId);
  const workspaceUuid = uuidFromId('ws', workspaceId) ?? '';
  const target = workflowUuid === null ? null : await findRunTarget({ workspaceUuid, workflowUuid, version: wanted });
  if (workflowUuid === null || target === null) return refused(`There is no workflow ${workflowId}`);
  if (target.newest === 0) return refused(`The workflow ${workflowId} has no version yet; save one first`);
  if (target.definitionHash === null) return refused(`The workflow ${workflowId} has no version ${wanted}`);
  return { target, workflowUuid, version: wanted ?? target.newest, hash: target.definitionHash };
}

async function checkLine(starter: ChildStarter, workflowId: string): Promise<RunError | null> {
  const wanted = uuidFromId('wf', workflowId);
  const line = await lineOf(uuidFromId('run', starter.runId) ?? '', MAX_NESTING);
  if (line.some((one) => one.workflowId === wanted)) {
    return {
      code: 'SUBWORKFLOW_CYCLE',
      message: `The workflow ${workflowId} is under way above this step: it would run itself without end`,
    };
  }
  if (line.length < MAX_NESTING) return null;
  return { code: 'SUBWORKFLOW_NESTING', message: `Workflows are nested at most ${MAX_NESTING} deep` };
}

/** The plan that a waiting step keeps, or null where it waits for something else. */
export function plannedChild(data: Json): JsonObject | null {
  return isJsonObject(data) && typeof data.run_id === 'string' ? data : null;
}
