import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { Problem } from '#lib/base/problem.ts';
import type { AnswerOf, BodyOf, InputOf } from '#lib/contracts/contract.ts';
import { type startRuns as contract, MAX_INPUT_BYTES } from '#lib/contracts/runs.ts';
import { type CreatedRun, createRuns, type NewRun } from '#lib/db/create-runs.ts';
import { ensureDispatcher } from '#lib/db/dispatcher.ts';
import type { NewRunLimit } from '#lib/db/limits.ts';
import { lockExternalIds, usedElsewhere } from '#lib/db/run-target.ts';
import { type Transaction, transaction } from '#lib/db/transaction.ts';
import { inputProblemsOfEach } from './check-input.ts';
import { makeRoom, runLimit } from './run-limit.ts';
import { loadStartTarget, newRunOf, type StartTarget } from './run-start.ts';
import { workspaceUuid } from './workspace-uuid.ts';

type Item = BodyOf<typeof contract>['runs'][number];

/** Faults that one answer lists at most. */
const MOST_PROBLEMS = 100;

/**
 * Starts many runs of a workflow in one transaction, all or none. Throws what `startRun` does, with each fault at its item's
 * place; a repetition of the call with the same `onceKey` answers the runs of the first one.
 */
export async function startRuns(
  access: Access,
  { params, body }: InputOf<typeof contract>,
  onceKey: string | null = null,
): Promise<AnswerOf<typeof contract>> {
  const target = await loadStartTarget(access, { id: params.id, version: body.version });
  const mayExist = body.if_exists === 'return';
  refuseIfAny([...inputFaults(target, body.runs), ...(mayExist ? [] : repeatedIds(body.runs))]);
  const limits = await limitsOf(target, body.runs);
  const runs = body.runs.map((item, at): NewRun => {
    return { ...newRunOf(access, target, item), limit: limits[at] ?? null, idempotencyKey: onceKey === null ? null : `${onceKey}/${at}` };
  });
  const made = await create(access, target, { runs, mayExist });
  for (const limit of distinct(limits)) await makeRoom(limit);
  return {
    runs: made.map(({ runId, created, skipped }) => ({
      run_id: runId,
      ...(mayExist && !created ? { existing: true } : {}),
      ...(skipped ? { skipped } : {}),
    })),
  };
}

async function create(
  access: Access,
  { workflowUuid }: StartTarget,
  { runs, mayExist }: { readonly runs: readonly NewRun[]; readonly mayExist: boolean },
): Promise<CreatedRun[]> {
  const places = new Map(runs.flatMap((run, at) => (run.externalId == null ? [] : [[run.externalId, at] as const])));
  const externalIds = [...places.keys()];
  // Nothing of it can be there already, so one statement is the whole transaction.
  if (externalIds.length === 0 && runs.every((run) => run.idempotencyKey === null)) return createRuns(runs);
  const refuseOthers = async (client: Transaction): Promise<void> => {
    const asked = { workspaceUuid: workspaceUuid(access), workflowUuid, externalIds };
    await lockExternalIds(client, asked.workspaceUuid, externalIds);
    const elsewhere = [...(await usedElsewhere(client, asked))];
    refuseTaken(elsewhere.map((id) => takenAt(places.get(id) ?? 0, `A run of another workflow has the id '${id}'`)));
  };
  await ensureDispatcher();
  return transaction(async (client) => {
    if (mayExist && externalIds.length > 0) await refuseOthers(client);
    const made = await createRuns(runs, client);
    if (mayExist) return made;
    const taken = made.flatMap((one, at) =>
      one.created || one.repeated ? [] : [takenAt(at, `This workflow already has a run with the external_id '${runs[at]?.externalId}'`)],
    );
    refuseTaken(taken);
    return made;
  });
}

function takenAt(at: number, message: string): Problem {
  return { path: `/runs/${at}/external_id`, code: 'external_id_taken', message };
}

function refuseTaken(taken: readonly Problem[]): void {
  if (taken.length === 0) return;
  const message = `No run was started: ${taken[0]?.message}.`;
  throw new AppError('conflict', message, { details: taken.slice(0, MOST_PROBLEMS) });
}

function inputFaults({ definition }: StartTarget, items: readonly Item[]): Problem[] {
  const large = items.flatMap((item, at) => {
    if (JSON.stringify(item.input_data).length <= MAX_INPUT_BYTES) return [];
    return [{ path: `/runs/${at}/input_data`, code: 'too_large', message: 'The input of one run may have 1 MiB' }];
  });
  const { input_schema: schema } = definition;
  if (schema === undefined || large.length > 0) return large;
  const inputs = items.map((item) => item.input_data);
  return inputProblemsOfEach(schema, inputs).flatMap((problems, at) =>
    problems.map((problem) => ({ ...problem, path: `/runs/${at}/input_data${problem.path}` })),
  );
}

function repeatedIds(items: readonly Item[]): Problem[] {
  const first = new Map<string, number>();
  return items.flatMap(({ external_id: id }, at) => {
    if (id === undefined) return [];
    const before = first.get(id);
    if (before === undefined) {
      first.set(id, at);
      return [];
    }
    return [{ path: `/runs/${at}/external_id`, code: 'duplicate', message: `The item ${before} has this external_id too` }];
  });
}

function refuseIfAny(problems: readonly Problem[]): void {
  const first = problems[0];
  if (first === undefined) return;
  throw new AppError('validation_error', `No run was started: ${first.path}: ${first.message}`, {
    details: problems.slice(0, MOST_PROBLEMS),
  });
}

/** The limit that each run stands under; the key of one is an expression over its input. */
async function limitsOf({ definition, workflowUuid, current }: StartTarget, items: readonly Item[]): Promise<(NewRunLimit | null)[]> {
  if (definition.concurrency === undefined) return [];
  const limits: (NewRunLimit | null)[] = [];
  for (const [at, { input_data: input }] of items.entries()) {
    limits.push(
      await runLimit(definition, { workflowUuid, input, current }).catch((thrown: unknown) => {
        if (!(thrown instanceof AppError)) throw thrown;
        throw new AppError(thrown.code, `No run was started: /runs/${at}: ${thrown.message}`, {
          details: thrown.details.map((problem) => ({ ...problem, path: `/runs/${at}${problem.path}` })),
        });
      }),
    );
  }
  return limits;
}

function distinct(limits: readonly (NewRunLimit | null)[]): NewRunLimit[] {
  return [...new Map(limits.flatMap((limit) => (limit === null ? [] : [[limit.key, limit]]))).values()];
}
