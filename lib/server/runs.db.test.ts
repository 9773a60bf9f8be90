import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { database } from '#lib/db/client.ts';
import { readAllEvents } from '#lib/db/run-events.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { cancelRun } from './cancel-run.ts';
import { createWorkflow } from './create-workflow.ts';
import { deleteRun } from './delete-run.ts';
import { deleteWorkflow } from './delete-workflow.ts';
import { followRun } from './follow-run.ts';
import { getRun } from './get-run.ts';
import { listRuns } from './list-runs.ts';
import { listWorkflowRuns } from './list-workflow-runs.ts';
import { listWorkflows } from './list-workflows.ts';
import { saveDraft } from './save-draft.ts';
import { setWorkflowStatus } from './set-workflow-status.ts';
import { startRun } from './start-run.ts';
import { failedEvents, journal, readAll, uuidOf } from './test-journal.ts';
import { codeOf, exampleDefinition, refusalOf, testAccess } from './test-workspace.ts';

const none = { params: {}, query: {}, body: {} };
const page = { limit: 50, offset: 0 };
const start = { input_data: {} as Json, draft: false, priority: 0 };
const AT = Date.parse('2026-11-22T10:00:00.000Z');
let access: Access;

beforeAll(async () => {
  await freshDatabase();
  access = await testAccess();
});

async function create(more: JsonObject = {}, draft = false): Promise<string> {
  const body = { definition: exampleDefinition(undefined, more) as never, trigger_type: 'manual' as const, tags: [], draft };
  return (await createWorkflow(access, { ...none, body })).id;
}

const run = async (id: string, more: Partial<Parameters<typeof startRun>[1]['body']> = {}) =>
  (await startRun(access, { ...none, params: { id }, body: { ...start, ...more } })).run_id;
const get = async (runId: string) => (await getRun(access, { ...none, params: { run_id: runId } })).run;

describe('start', () => {
  it('checklist #100, #106: queues a run of the newest version, as the API or a person asked', async () => {
    const id = await create();
    const key: Access = { ...access, actor: { kind: 'key', id: 'key_x', name: 'CI' } };
    const { run_id: byKey } = await startRun(key, { ...none, params: { id }, body: { ...start, input_data: { a: [1, null] } } });
    expect(await get(byKey)).toMatchObject({
      id: byKey,
      workflow_id: id,
      workflow_name: 'Fetch and notify',
      version: 1,
      status: 'queued',
      trigger: 'api',
      input: { a: [1, null] },
      output: null,
      error: null,
      started_at: null,
      progress: 0,
      last_event_id: 1,
    });
    const byPerson = await get(await run(id));
    expect(byPerson).toMatchObject({ trigger: 'manual', definition: exampleDefinition() });
    expect(byPerson.step_runs.map((step) => [step.step_id, step.status, step.attempts.length])).toEqual([
      ['fetch', 'pending', 0],
      ['notify', 'pending', 0],
    ]);
  });

  it('checklist #41: refuses the start where the input schema refuses the input, with its path', async () => {
    const id = await create({ input_schema: { type: 'object', required: ['customer'], properties: { customer: { type: 'string' } } } });
    const refusal = await refusalOf(run(id, { input_data: { customer: 7 } }));
    expect(refusal).toMatchObject({ code: 'validation_error', details: [{ path: '/customer', code: 'input_type' }] });
    expect((await refusalOf(run(id))).details[0]).toMatchObject({ path: '/customer', code: 'input_required' });
    expect(await run(id, { input_data: { customer: 'acme' } })).toMatch(/^run_/);
  });

  it('refuses archived workflows, missing versions and workflows without one', async () => {
    const id = await create();
    expect(await codeOf(run(id, { version: 9 }))).toBe('not_found');
    await setWorkflowStatus(access, { ...none, params: { id }, body: { status: 'archived' } });
    expect(await codeOf(run(id))).toBe('conflict');
    await setWorkflowStatus(access, { ...none, params: { id }, body: { status: 'paused' } });
    expect(await codeOf(run(id))).toBe('fulfilled');
    expect(await codeOf(run(await create({}, true)))).toBe('conflict');
  });

  it('runs a draft as a test, if it is valid, without a version', async () => {
    const id = await create({}, true);
    const test = await get(await run(id, { draft: true }));
    expect(test).toMatchObject({ version: null, definition: exampleDefinition() });
    await saveDraft(access, { ...none, params: { id }, body: { definition: { name: 'Empty', steps: [] }, revision: 1 } });
    expect(await codeOf(run(id, { draft: true }))).toBe('validation_error');
    expect((await get(test.id)).definition).toEqual(exampleDefinition());
  });

  it('checklist #107: takes an id of the caller, once for each workflow', async () => {
    const [id, other] = [await create(), await create()];
    const body = { external_id: 'order-1', if_exists: 'refuse' } as const;
    const first = await run(id, body);
    expect(await get(first)).toMatchObject({ external_id: 'order-1', parent_run_id: null, parent_step: null });
    expect(await codeOf(run(id, body))).toBe('conflict');
    await run(other, body);
    const { runs } = await listRuns(access, { ...none, query: { ...page, external_id: 'order-1', workflow_id: id } });
    expect(runs.map((one) => one.id)).toEqual([first]);
    await cancelRun(access, { ...none, params: { run_id: first }, body: { rollback: false } });
    await deleteRun(access, { ...none, params: { run_id: first } });
    expect(await run(id, body)).not.toBe(first);
  });

  it('checklist #108: the same id and workflow give the existing run, another workflow is refused', async () => {
    const [id, other] = [await create(), await create()];
    const begin = (workflow: string) =>
      startRun(access, { ...none, params: { id: workflow }, body: { ...start, external_id: 'order-2', if_exists: 'return' } });
    const answers = await Promise.all(Array.from({ length: 5 }, () => begin(id)));
    expect(new Set(answers.map((answer) => answer.run_id)).size).toBe(1);
    expect(answers.filter((answer) => answer.existing)).toHaveLength(4);
    expect(await codeOf(begin(other))).toBe('conflict');
  });

  it('checklist #108: of two workflows that are started with the same id at once, one has it', async () => {
    const ids = [await create(), await create()];
    for (let round = 0; round < 10; round++) {
      const body = { ...start, external_id: `both-${round}`, if_exists: 'return' } as const;
      const codes = await Promise.all(ids.map((id) => codeOf(startRun(access, { ...none, params: { id }, body }))));
      expect(codes.toSorted()).toEqual(['conflict', 'fulfilled']);
    }
  });

  it('keeps many starts at once apart', async () => {
    const ids = await Promise.all([create(), create(), create()]);
    const made = await Promise.all(Array.from({ length: 60 }, (_, at) => run(ids[at % 3] ?? '', { input_data: at })));
    expect(new Set(made).size).toBe(60);
    expect(await get(made[31] ?? '')).toMatchObject({ workflow_id: ids[1], input: 31 });
  });
});

/** Milliseconds of the quickest of three. */
async function fastest(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < 3; at++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return Math.min(...times);
}

describe('get and list', () => {
  it('checklist #102, #103: shows what became of each step, in definition order', async () => {
    const id = await create();
    const runId = await run(id);
    await journal(runId, failedEvents, { status: 'failed' });
    const shown = await get(runId);
    expect(shown).toMatchObject({
      status: 'failed',
      last_event_id: 7,
      duration_seconds: 1,
      error: { code: 'HTTP_STATUS', step: 'notify' },
    });
    expect(shown.step_runs).toMatchObject([
      {
        step_id: 'fetch',
        status: 'completed',
        output: { status_code: 200 },
        error: null,
        attempts: [{ number: 1, success: true }],
        duration_seconds: 0.1,
      },
      { step_id: 'notify', status: 'failed', output: null, error: { message: 'It answered 500' }, duration_seconds: 0.8 },
    ]);
    const { workflows } = await listWorkflows(access, { ...none, query: { ...page, limit: 1 } });
    expect(workflows[0]?.recent_runs).toMatchObject([{ id: runId, status: 'failed', duration_seconds: 1 }]);
  });

  it("checklist #31: a sensitive step's output is [REDACTED] in the run, its output, its stream and what later steps were given", async () => {
    const reading = { type: 'transform', depends_on: ['fetch'] };
    const id = await create({
      steps: [
        { id: 'fetch', type: 'http_request', config: { method: 'GET', url: 'https://x.example' }, sensitive: 'output' },
        { id: 'reads', ...reading, config: { expression: 'steps.fetch.output' } },
        { id: 'takes', ...reading, config: { expression: 'args.it' }, args_from: { it: 'fetch' } },
        { id: 'other', ...reading, config: { expression: 'input.a' } },
        {
          id: 'each',
          type: 'loop',
          depends_on: ['fetch'],
          config: { items: 'steps.fetch.output', steps: [{ id: 'x', type: 'transform', config: { expression: 'item' } }] },
        },
      ],
    });
    const runId = await run(id);
    const started = (seq: number, step: string, input: string): RunEvent => {
      return { seq, at: AT + 2, type: 'step_started', step, attempt: 1, execution: 1, input: { expression: input } };
    };
    const opened = { at: AT + 2, limit: 10, concurrency: 1, started_at: AT + 2 };
    const events: RunEvent[] = [
      { seq: 2, at: AT, type: 'run_started' },
      { seq: 3, at: AT + 1, type: 'step_completed', step: 'fetch', attempt: 1, output: 'hunter2', started_at: AT },
      started(4, 'reads', 'hunter2'),
      started(5, 'takes', 'hunter2'),
      started(6, 'other', 'harmless'),
      { ...opened, seq: 7, type: 'loop_opened', step: 'each', attempt: 1, items: ['hunter2', 'hunter2'] },
      { seq: 8, at: AT + 2, type: 'run_completed', status: 'completed', output: { fetch: 'hunter2' }, error: null, duration_seconds: 0 },
    ];
    await journal(runId, events, { status: 'completed' });
    expect(JSON.stringify(await get(runId))).not.toContain('hunter2');
    const streamed = JSON.stringify(await readAll(access, runId, 0));
    expect(streamed).not.toContain('hunter2');
    expect(streamed).toContain('harmless');
    expect(streamed).toContain('"items":["[REDACTED]","[REDACTED]"]');
    expect((await get(runId)).output).toEqual({ fetch: '[REDACTED]' });
    expect((await get(runId)).step_runs[0]).toMatchObject({ step_id: 'fetch', output: '[REDACTED]' });
  });

  it('checklist #101, #105: filters and pages, newest first', async () => {
    const own = await testAccess('Lister');
    const body = { definition: exampleDefinition() as never, trigger_type: 'manual' as const, tags: [], draft: false };
    const { id } = await createWorkflow(own, { ...none, body });
    const begin = async () => (await startRun(own, { ...none, params: { id }, body: start })).run_id;
    const made = [await begin(), await begin(), await begin(), await begin()];
    await database().run.updateMany({ where: { id: uuidOf(made[1] ?? '') }, data: { status: 'failed', trigger: 'schedule' } });
    const all = await listRuns(own, { ...none, query: page });
    expect(all.runs.map((row) => row.id)).toEqual([...made].reverse());
    expect(all).toMatchObject({ total: 4, next_cursor: null });
    const list = (query: object) => listWorkflowRuns(own, { ...none, params: { id }, query: { ...page, ...query } });
    expect((await list({ status: 'failed' })).runs.map((row) => row.id)).toEqual([made[1]]);
    expect(await list({ trigger: 'schedule', version: 1 })).toMatchObject({ total: 1 });
    expect(await list({ version: 2 })).toMatchObject({ total: 0 });
    expect(await list({ limit: 2, offset: 2 })).toMatchObject({ total: 4, runs: [{ id: made[1] }, { id: made[0] }] });
    const first = await list({ limit: 2 });
    await begin();
    const second = await list({ limit: 2, cursor: first.next_cursor ?? '' });
    expect([...first.runs, ...second.runs].map((row) => row.id)).toEqual([...made].reverse());
    expect(second.next_cursor).toBeNull();
    expect(await codeOf(list({ cursor: 'x' }))).toBe('bad_request');
    expect(await codeOf(list({ trigger: '\u0000' }))).toBe('validation_error');
    expect(await listRuns(own, { ...none, query: { ...page, workflow_id: 'wf_nonsense' } })).toMatchObject({ runs: [], total: 0 });
  });

  it('shows 10,000 steps without delay', async () => {
    const steps = Array.from({ length: 10_000 }, (_, at) => ({ id: `s${at}`, type: 'transform', config: { expression: '1' } }));
    const runId = await run(await create({ steps }));
    const ends = steps.map((step, at): RunEvent => {
      return { seq: at + 3, at: AT + at, type: 'step_completed', step: step.id, attempt: 1, output: at, started_at: AT + at };
    });
    await journal(runId, [{ seq: 2, at: AT, type: 'run_started' }, ...ends], { status: 'running' });
    const shown = await get(runId);
    expect(shown.step_runs).toHaveLength(10_000);
    expect(shown.step_runs[9_999]).toMatchObject({ status: 'completed', output: 9_999 });
    const page = async (query: object) => (await getRun(access, { ...none, params: { run_id: runId }, query })).run;
    const middle = await page({ limit: 200, offset: 9_900 });
    expect(middle).toMatchObject({ step_runs_total: 10_000, progress: shown.progress, last_event_id: shown.last_event_id });
    expect(middle.step_runs).toEqual(shown.step_runs.slice(9_900));
    expect((await page({ limit: 2 })).step_runs.map((step) => step.step_id)).toEqual(['s0', 's1']);
    expect((await page({ offset: 10_000 })).step_runs).toEqual([]);
    // The bar is 150 ms on an idle machine. A busy one slows both alike: showing costs a few times what reading costs.
    const reading = await fastest(() => readAllEvents(uuidOf(runId)));
    expect(await fastest(() => get(runId))).toBeLessThan(8 * reading + 50);
  });
});

describe('cancel and delete', () => {
  it('checklist #112: ends a run that nobody drives at once, once', async () => {
    const runId = await run(await create());
    const cancel = () => cancelRun(access, { ...none, params: { run_id: runId }, body: { rollback: false } });
    expect(await cancel()).toEqual({ run_id: runId, status: 'cancelled' });
    expect(await codeOf(cancel())).toBe('conflict');
    const shown = await get(runId);
    expect(shown.status).toBe('cancelled');
    expect(shown.step_runs.map((step) => [step.status, step.skip_reason])).toEqual([
      ['skipped', 'cancelled'],
      ['skipped', 'cancelled'],
    ]);
    expect((await readAll(access, runId, 0)).at(-1)?.type).toBe('run_completed');
  });

  it('gives one answer to two who cancel at once', async () => {
    const runId = await run(await create());
    const both = await Promise.all(
      [1, 2].map(() => codeOf(cancelRun(access, { ...none, params: { run_id: runId }, body: { rollback: false } }))),
    );
    expect(both.sort()).toEqual(['conflict', 'fulfilled']);
  });

  it('cancels more runs at once than the pool has connections', async () => {
    const id = await create();
    const runs = await Promise.all(Array.from({ length: 40 }, () => run(id)));
    const codes = await Promise.all(
      runs.map((runId) => codeOf(cancelRun(access, { ...none, params: { run_id: runId }, body: { rollback: false } }))),
    );
    expect(new Set(codes)).toEqual(new Set(['fulfilled']));
  });

  it('checklist #104: deletes finished runs only; a live one is a conflict, a deleted one is not found', async () => {
    const runId = await run(await create());
    const remove = () => deleteRun(access, { ...none, params: { run_id: runId } });
    expect(await codeOf(remove())).toBe('conflict');
    await journal(runId, failedEvents, { status: 'failed' });
    expect(await remove()).toBeNull();
    expect(await codeOf(remove())).toBe('not_found');
    expect(await codeOf(get(runId))).toBe('not_found');
    expect(await database().runEvent.count({ where: { runId: uuidOf(runId) } })).toBe(0);
  });

  it('deletes a workflow with its runs and versions', async () => {
    const id = await create();
    const runs = [await run(id), await run(id), await run(id)];
    await journal(runs[0] ?? '', failedEvents, { status: 'failed' });
    expect(await deleteWorkflow(access, { ...none, params: { id } })).toBeNull();
    expect(await codeOf(deleteWorkflow(access, { ...none, params: { id } }))).toBe('not_found');
    expect(await codeOf(run(id))).toBe('not_found');
    for (const runId of runs) expect(await codeOf(get(runId))).toBe('not_found');
    expect(await database().runEvent.count({ where: { runId: { in: runs.map(uuidOf) } } })).toBe(0);
  });

  it('ends the stream of a run that is deleted', async () => {
    const runId = await run(await create());
    const reading = readAll(access, runId, 0);
    await cancelRun(access, { ...none, params: { run_id: runId }, body: { rollback: false } });
    await reading;
    await deleteRun(access, { ...none, params: { run_id: runId } });
    expect(await codeOf(readAll(access, runId, 0))).toBe('not_found');
  });
});

describe('another workspace', () => {
  it('finds no run by ids that are not its own, nor by nonsense', async () => {
    const id = await create();
    const runId = await run(id);
    const stranger = await testAccess('Eve');
    for (const wrong of [runId, 'run_00000000000070008000000000000000', 'run_x', '%00', '']) {
      expect(await codeOf(getRun(stranger, { ...none, params: { run_id: wrong } }))).toBe('not_found');
      expect(await codeOf(cancelRun(stranger, { ...none, params: { run_id: wrong }, body: { rollback: false } }))).toBe('not_found');
      expect(await codeOf(deleteRun(stranger, { ...none, params: { run_id: wrong } }))).toBe('not_found');
      expect(await codeOf(followRun(stranger, { runId: wrong, after: 0, signal: AbortSignal.abort() }))).toBe('not_found');
    }
    expect(await codeOf(startRun(stranger, { ...none, params: { id }, body: start }))).toBe('not_found');
    expect(await codeOf(deleteWorkflow(stranger, { ...none, params: { id } }))).toBe('not_found');
    expect(await codeOf(startRun(stranger, { ...none, params: { id: 'wf_x' }, body: start }))).toBe('not_found');
    expect(await codeOf(listWorkflowRuns(stranger, { ...none, params: { id }, query: page }))).toBe('not_found');
    expect((await listRuns(stranger, { ...none, query: { ...page, workflow_id: id } })).total).toBe(0);
  });
});
