import { beforeAll, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { uuidFromId } from '#lib/base/ids.ts';
import { database, pool } from '#lib/db/client.ts';
import { deleteOrphanRuns, deleteUnusedDefinitions } from '#lib/db/leftovers.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { createWorkflow } from './create-workflow.ts';
import { deleteRun } from './delete-run.ts';
import { getRun } from './get-run.ts';
import { saveDraft } from './save-draft.ts';
import { startRun } from './start-run.ts';
import { failedEvents, journal, uuidOf } from './test-journal.ts';
import { codeOf, exampleDefinition, testAccess } from './test-workspace.ts';
import { updateWorkflow } from './update-workflow.ts';

const none = { params: {}, query: {}, body: {} };
const start = { input_data: {}, draft: false, priority: 0 };
let access: Access;

beforeAll(async () => {
  await freshDatabase();
  access = await testAccess();
});

async function create(path: string): Promise<string> {
  const definition = exampleDefinition(`https://x.example/${path}`) as never;
  return (await createWorkflow(access, { ...none, body: { definition, trigger_type: 'manual', tags: [], draft: false } })).id;
}

const run = async (id: string, more: Partial<typeof start> = {}) =>
  (await startRun(access, { ...none, params: { id }, body: { ...start, ...more } })).run_id;
const found = (runId: string) => codeOf(getRun(access, { ...none, params: { run_id: runId } }));

it('removes the runs that were stored a moment after their workflow was deleted, and no others', async () => {
  const [gone, kept] = [await create('gone'), await create('kept')];
  const orphans = [await run(gone), await run(gone)];
  const others = [await run(kept), await run(kept)];
  await database().workflow.delete({ where: { id: uuidFromId('wf', gone) ?? '' } });
  expect(await deleteOrphanRuns()).toBe(2);
  for (const runId of orphans) expect(await found(runId)).toBe('not_found');
  for (const runId of others) expect(await found(runId)).toBe('fulfilled');
  expect(await database().runEvent.count({ where: { runId: { in: orphans.map(uuidOf) } } })).toBe(0);
  expect(await deleteOrphanRuns()).toBe(0);
});

it('removes definitions that nothing names, once they are a day old', async () => {
  const age = () => pool().query(`update definition set created_at = now() - interval '2 days'`);
  const id = await create('v1');
  await updateWorkflow(access, { ...none, params: { id }, body: { definition: exampleDefinition('https://x.example/v2') as never } });
  await saveDraft(access, {
    ...none,
    params: { id },
    body: { definition: exampleDefinition('https://x.example/test') as never, revision: 2 },
  });
  const testRun = await run(id, { draft: true });
  await age();
  // What the first test left: its workflow went without the definition that it alone had.
  expect(await deleteUnusedDefinitions()).toBe(1);
  const count = await database().definition.count();
  expect(await found(testRun)).toBe('fulfilled');

  await journal(testRun, failedEvents, { status: 'failed' });
  await deleteRun(access, { ...none, params: { run_id: testRun } });
  // Stored again, it may be about to be named.
  const again = await run(id, { draft: true });
  await journal(again, failedEvents, { status: 'failed' });
  await deleteRun(access, { ...none, params: { run_id: again } });
  expect(await deleteUnusedDefinitions()).toBe(0);
  await age();
  expect(await deleteUnusedDefinitions()).toBe(1);
  expect(await database().definition.count()).toBe(count - 1);
  expect(await found(await run(id))).toBe('fulfilled');
});
