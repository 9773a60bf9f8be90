import { idFromUuid } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import { TEST_TRIGGER } from '#lib/engine/trial.ts';
import { database } from './client.ts';
import type { Pin, Prisma } from './generated/client.ts';

/** Outputs that steps are given in test runs. Read by what plans a test run, and by nothing that starts or drives a real one. */
export interface PinRecord {
  readonly stepId: string;
  readonly output: Json;
  readonly updatedBy: string;
  readonly updatedAt: Date;
}

export async function listPins(workflowUuid: string): Promise<PinRecord[]> {
  const rows = await database().pin.findMany({ where: { workflowId: workflowUuid }, orderBy: { stepId: 'asc' } });
  return rows.map(toRecord);
}

/** Pins an output, in the place of the one before. */
export async function putPinRecord(workflowUuid: string, stepId: string, output: Json, updatedBy: string): Promise<PinRecord> {
  const [row] = await database().$queryRaw<Pin[]>`
    insert into pin (workflow_id, step_id, output, updated_by, updated_at)
    values (${workflowUuid}::uuid, ${stepId}, ${JSON.stringify(output)}::json, ${updatedBy}, now())
    on conflict (workflow_id, step_id) do update set output = excluded.output, updated_by = excluded.updated_by, updated_at = now()
    returning workflow_id as "workflowId", step_id as "stepId", output, updated_by as "updatedBy", updated_at as "updatedAt"`;
  if (row === undefined) throw new Error('No pin was stored');
  return toRecord(row);
}

/** False: there was none. */
export async function deletePinRecord(workflowUuid: string, stepId: string): Promise<boolean> {
  return (await database().pin.deleteMany({ where: { workflowId: workflowUuid, stepId } })).count > 0;
}

/** A test run of a workflow, as far as its results are looked for. */
export interface TestRunRecord {
  readonly uuid: string;
  /** `run_…` */
  readonly id: string;
  readonly definitionHash: string;
  readonly input: Json;
  readonly ended: boolean;
}

/** The newest test runs of a workflow's draft, newest first; not those that a test of another workflow started. */
export async function newestTestRuns(workflowUuid: string, most: number): Promise<TestRunRecord[]> {
  const rows = await database().run.findMany({
    where: { workflowId: workflowUuid, trigger: TEST_TRIGGER, parentRunId: null },
    orderBy: { id: 'desc' },
    take: most,
    select: { id: true, definitionHash: true, input: true, completedAt: true },
  });
  return rows.map((row) => ({
    uuid: row.id,
    id: idFromUuid('run', row.id),
    definitionHash: row.definitionHash,
    input: (row.input as Prisma.JsonValue as Json) ?? null,
    ended: row.completedAt !== null,
  }));
}

function toRecord(row: Pin): PinRecord {
  const { stepId, output, updatedBy, updatedAt } = row;
  return { stepId, output: output as Json, updatedBy, updatedAt };
}
