import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { uuidFromId } from '#lib/base/ids.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { createWorkflow } from './create-workflow.ts';
import { deleteWorkflow } from './delete-workflow.ts';
import { getRun } from './get-run.ts';
import { startRun } from './start-run.ts';
import { codeOf, exampleDefinition, testAccess } from './test-workspace.ts';
import { updateWorkflow } from './update-workflow.ts';

const none = { params: {}, query: {}, body: {} } as const;
let access: Access;

beforeAll(async () => {
  await freshDatabase();
  access = await testAccess();
  atEnd(async () => {
    await stopListening();
    await disconnect();
  });
});

async function create(concurrency: JsonObject): Promise<string> {
  const definition = exampleDefinition(undefined, { concurrency }) as never;
  return (await createWorkflow(access, { ...none, body: { definition, trigger_type: 'manual', tags: [], draft: false } })).id;
}

async function start(id: string, input_data: JsonObject = {}) {
  return startRun(access, { ...none, params: { id }, body: { input_data, draft: false, priority: 0 } });
}

async function held(id: string): Promise<number> {
  const { rows } = await pool().query<{ held: number }>('select count(*)::int as held from limit_slot where key like $1', [
    `${uuidFromId('wf', id)}%`,
  ]);
  return rows[0]?.held ?? 0;
}

describe('starts under a limit', () => {
  it('lets more in when a new version raises the limit, and all when it has none', async () => {
    const id = await create({ limit: 1 });
    for (let at = 0; at < 6; at++) await start(id);
    expect(await held(id)).toBe(1);
    const save = (more: JsonObject) =>
      updateWorkflow(access, { ...none, params: { id }, body: { definition: exampleDefinition(undefined, more) } as never });
    await save({ concurrency: { limit: 4 } });
    expect(await held(id)).toBe(4);
    await save({});
    expect(await held(id)).toBe(6);
  });

  it('says clearly that a run was skipped', async () => {
    const id = await create({ limit: 1, on_limit: 'skip', key: '{{ input.customer }}' });
    expect(await start(id, { customer: 'a' })).not.toHaveProperty('skipped');
    expect(await start(id, { customer: 'b' })).not.toHaveProperty('skipped');
    const skipped = await start(id, { customer: 'a' });
    expect(skipped.skipped).toBe(true);
    const { run } = await getRun(access, { ...none, params: { run_id: skipped.run_id } });
    expect(run).toMatchObject({ status: 'cancelled', error: { code: 'CONCURRENCY_LIMIT' }, last_event_id: 2 });
  });

  it('refuses an input for which the key has no value to compute', async () => {
    const id = await create({ limit: 1, key: '{{ $number(input.customer) }}' });
    expect(await codeOf(start(id, { customer: 'x' }))).toBe('validation_error');
    await start(id, { customer: '7' });
    expect(await held(id)).toBe(1);
  });

  it('cancels a queued run that must make room', async () => {
    const id = await create({ limit: 1, on_limit: 'cancel_running' });
    const { run_id: first } = await start(id);
    const { run_id: second } = await start(id);
    const { run } = await getRun(access, { ...none, params: { run_id: first } });
    expect(run.status).toBe('cancelled');
    const { rows } = await pool().query('select run_id from limit_slot where run_id = $1', [uuidFromId('run', second)]);
    expect(rows).toHaveLength(1);
  });

  it('leaves no slot behind when the workflow is deleted', async () => {
    const id = await create({ limit: 1 });
    await start(id);
    await deleteWorkflow(access, { ...none, params: { id } });
    expect(await held(id)).toBe(0);
  });
});
