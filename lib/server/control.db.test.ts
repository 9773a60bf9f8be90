import { beforeAll, describe, expect, test } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import type { Json } from '#lib/base/json.ts';
import { database } from '#lib/db/client.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { bulkRuns } from './bulk-runs.ts';
import { cancelRun } from './cancel-run.ts';
import { createWorkflow } from './create-workflow.ts';
import { forkRun } from './fork-run.ts';
import { getRun } from './get-run.ts';
import { listAudit } from './list-audit.ts';
import { pauseRun } from './pause-run.ts';
import { restartRun, resumeRun } from './resume-run.ts';
import { startRun } from './start-run.ts';
import { failedEvents, journal, readAll, uuidOf } from './test-journal.ts';
import { codeOf, exampleDefinition, refusalOf, testAccess } from './test-workspace.ts';
import { updateWorkflow } from './update-workflow.ts';

const none = { params: {}, query: {}, body: {} };
const start = { input_data: { n: 1 } as Json, draft: false, priority: 0 };
let access: Access;

beforeAll(async () => {
  await freshDatabase();
  access = await testAccess();
});

async function create(): Promise<string> {
  const body = { definition: exampleDefinition() as never, trigger_type: 'manual' as const, tags: [], draft: false };
  return (await createWorkflow(access, { ...none, body })).id;
}

const run = async (id: string) => (await startRun(access, { ...none, params: { id }, body: start })).run_id;
const get = async (runId: string) => (await getRun(access, { ...none, params: { run_id: runId } })).run;
const failed = async (id: string): Promise<string> => {
  const runId = await run(id);
  await journal(runId, failedEvents, { status: 'failed' });
  return runId;
};
const fork = (runId: string, body: Partial<Parameters<typeof forkRun>[1]['body']>, who = access) =>
  forkRun(who, { ...none, params: { run_id: runId }, body: { step_outputs: {}, draft: false, dry_run: false, ...body } });
const resume = (runId: string, body: Partial<Parameters<typeof resumeRun>[1]['body']> = {}) =>
  resumeRun(access, { ...none, params: { run_id: runId }, body: { dry_run: false, ...body } });
const restart = (runId: string, body: Partial<Parameters<typeof restartRun>[1]['body']> = {}) =>
  restartRun(access, { ...none, params: { run_id: runId }, body: { dry_run: false, ...body } });
const pause = (runId: string) => pauseRun(access, { ...none, params: { run_id: runId } });

describe('a fork', () => {
  test('begins at the step, keeps what was before it, and leaves the other run as it is', async () => {
    const id = await create();
    const source = await failed(id);
    const before = await get(source);
    const answer = await fork(source, { from_step: 'notify', step_outputs: { fetch: { status_code: 418 } }, input_data: { n: 2 } });
    expect(answer).toMatchObject({ forked_from: source, kept: ['fetch'], runs_again: ['notify'] });
    const made = await get(answer.run_id ?? '');
    expect(made).toMatchObject({ status: 'queued', version: 1, input: { n: 2 }, forked_from: source });
    expect(made.step_runs).toMatchObject([
      { step_id: 'fetch', status: 'completed', output: { status_code: 418 }, attempts: [] },
      { step_id: 'notify', status: 'pending' },
    ]);
    const reading = readAll(access, made.id, 0);
    await cancelRun(access, { ...none, params: { run_id: made.id }, body: { rollback: false } });
    expect((await reading).slice(0, 3).map((event) => [event.seq, event.type])).toEqual([
      [1, 'run_queued'],
      [2, 'run_forked'],
      [3, 'step_completed'],
    ]);
    expect(await get(source)).toEqual(before);
  });

  test('runs on any version, or the draft; a dry run makes nothing', async () => {
    const id = await create();
    const source = await failed(id);
    await updateWorkflow(access, { ...none, params: { id }, body: { definition: exampleDefinition('https://new.example.com') as never } });
    expect(await fork(source, { from_step: 'notify', version: 2, dry_run: true })).toMatchObject({ run_id: null, kept: ['fetch'] });
    const onNewer = await get((await fork(source, { from_step: 'notify', version: 2 })).run_id ?? '');
    expect(onNewer).toMatchObject({ version: 2, definition: exampleDefinition('https://new.example.com') });
    expect(await get((await fork(source, { draft: true })).run_id ?? '')).toMatchObject({ version: null });
    expect(await codeOf(fork(source, { version: 9 }))).toBe('not_found');
    expect(await refusalOf(fork(source, { from_step: 'nope' }))).toMatchObject({
      code: 'validation_error',
      details: [{ path: '/from_step' }],
    });
    for (const step of ['notify', 'zzz']) {
      expect(await refusalOf(fork(source, { from_step: 'fetch', step_outputs: { [step]: 1 } }))).toMatchObject({
        code: 'validation_error',
        details: [{ path: `/step_outputs/${step}` }],
      });
    }
    expect(await codeOf(fork(source, {}, await testAccess('Eve')))).toBe('not_found');
  });
});

describe('a resume', () => {
  test('on a newer version goes on where what is kept is unchanged, and says what is not', async () => {
    const id = await create();
    const source = await failed(id);
    await updateWorkflow(access, { ...none, params: { id }, body: { definition: exampleDefinition('https://new.example.com') as never } });
    const refusal = await refusalOf(resume(source, { from_step: 'notify', version: 2 }));
    expect(refusal).toMatchObject({ code: 'conflict', message: expect.stringContaining("'fetch'") });
    const definition = exampleDefinition();
    const steps = (definition.steps as { config: object }[]).map((step, at) =>
      at === 1 ? { ...step, config: { url: 'https://hooks.example.com/y' } } : step,
    );
    await updateWorkflow(access, { ...none, params: { id }, body: { definition: { ...definition, steps } as never } });
    const answer = await resume(source, { from_step: 'notify', version: 3 });
    expect(answer).toMatchObject({ status: 'running', runs_again: ['notify'], kept: ['fetch'] });
    expect(await get(source)).toMatchObject({
      version: 3,
      status: 'running',
      definition: { steps: [{}, { config: { url: 'https://hooks.example.com/y' } }] },
    });
  });

  test('checklist #113, #115, #119: is refused with 409 where the status does not allow it', async () => {
    const id = await create();
    const [queued, ended] = [await run(id), await failed(id)];
    for (const one of [queued, ended]) expect([await codeOf(resume(one)), await codeOf(pause(one))]).toEqual(['conflict', 'conflict']);
    expect(await codeOf(cancelRun(access, { ...none, params: { run_id: ended }, body: { rollback: false } }))).toBe('conflict');
    expect(await codeOf(resume(ended, { from_step: 'nope' }))).toBe('validation_error');
    expect(await codeOf(restart(ended, { from_step: 'nope' }))).toBe('validation_error');
    expect(await restart(ended, { dry_run: true })).toMatchObject({ status: 'failed', runs_again: ['fetch', 'notify'], kept: [] });
    expect(await restart(queued)).toMatchObject({ status: 'queued' });
    expect(await restart(ended)).toMatchObject({ status: 'running' });
  });
});

test('checklist #98: a run that continues a completed one keeps what that one has left, and no other can be continued', async () => {
  const id = await create();
  const done = await run(id);
  await database().run.update({
    where: { id: uuidOf(done) },
    data: { status: 'completed', output: { next_page: 4 }, completedAt: new Date() },
  });
  const next = (await startRun(access, { ...none, params: { id }, body: { ...start, continue_from: done } })).run_id;
  expect(await database().run.findUnique({ where: { id: uuidOf(next) } })).toMatchObject({ savedState: { next_page: 4 } });
  const continues = (from: string, workflow = id) =>
    codeOf(startRun(access, { ...none, params: { id: workflow }, body: { ...start, continue_from: from } }));
  expect(await continues(await failed(id))).toBe('conflict');
  expect(await continues(done, await create())).toBe('conflict');
  expect(await continues('run_x')).toBe('not_found');
});

test('checklist #126: bulk actions take ids or a filter, and list what was done and what was not', async () => {
  const id = await create();
  const [queued, ended] = [
    [await run(id), await run(id)],
    [await failed(id), await failed(id)],
  ];
  const bulk = (body: object) => bulkRuns(access, { ...none, body: { rollback: false, ...body } as never });
  const some = await bulk({ action: 'cancel', run_ids: [queued[0], ended[0], 'run_x', queued[0]] });
  expect(some).toMatchObject({
    done: [queued[0]],
    failed: [
      { run_id: ended[0], code: 'conflict' },
      { run_id: 'run_x', code: 'not_found' },
    ],
    more: false,
  });
  expect(await bulk({ action: 'cancel', filter: { workflow_id: id } })).toMatchObject({ done: [queued[1]], failed: [] });
  const retried = await bulk({ action: 'retry', filter: { workflow_id: id, status: 'failed' } });
  expect([...retried.done].sort()).toEqual([...ended].sort());
  expect((await get(ended[0] ?? '')).step_runs).toMatchObject([{ status: 'completed' }, { status: 'pending' }]);
  expect(await bulk({ action: 'delete', filter: { workflow_id: id } })).toMatchObject({ done: expect.arrayContaining(queued), failed: [] });
  expect(await codeOf(get(queued[0] ?? ''))).toBe('not_found');
  expect(await bulk({ action: 'delete', run_ids: [ended[0]] })).toMatchObject({ done: [], failed: [{ code: 'conflict' }] });
  const actions = (await listAudit(access, { ...none, query: { limit: 200, offset: 0 } })).entries;
  expect(actions.filter((entry) => entry.target.id === queued[0]).map((entry) => entry.action)).toEqual(['run.deleted', 'run.cancelled']);
  expect(actions.filter((entry) => entry.target.id === ended[0]).map((entry) => entry.action)).toEqual(['run.retried']);
});
