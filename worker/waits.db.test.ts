import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { permissionsOf } from '#lib/auth/roles.ts';
import type { Json } from '#lib/base/json.ts';
import { pool } from '#lib/db/client.ts';
import { requestCancel, requestPause, requestResume } from '#lib/db/control-runs.ts';
import { createWorkflow } from '#lib/server/create-workflow.ts';
import { decideApproval } from '#lib/server/decide-approval.ts';
import { deliverEvent } from '#lib/server/deliver-event.ts';
import { listApprovals } from '#lib/server/list-approvals.ts';
import { sendEvent } from '#lib/server/send-event.ts';
import { startRun } from '#lib/server/start-run.ts';
import { codeOf, refusalOf, testAccess } from '#lib/server/test-workspace.ts';
import type { Step } from '#lib/workflow/definition.ts';
import { done, ended, eventsOf, rowOf, storyOf, testCatalog, until, uuidOf } from './test-runs.ts';
import { freshWorkers } from './test-workers.ts';

let access: Access;
const worker = freshWorkers();

beforeAll(async () => {
  access = await testAccess();
});

async function started(steps: (Partial<Step> & Pick<Step, 'id' | 'type'>)[], input: Json = {}): Promise<{ run: string; workflow: string }> {
  const made = await createWorkflow(access, { params: {}, query: {}, body: { definition: { name: 'test', steps } as never } as never });
  const body = { input_data: input, draft: false, priority: 0 };
  const { run_id: run } = await startRun(access, { params: { id: made.id }, query: {}, body });
  return { run, workflow: made.id };
}

function send(run: string, type: string, body: Json, onceKey?: string): Promise<unknown> {
  return sendEvent(access, { params: { run_id: run, event_type: type }, query: {}, body }, onceKey);
}

async function parked(run: string): Promise<void> {
  await until(async () => {
    const { status, owner } = await rowOf(run);
    return status === 'waiting' && owner === null;
  });
}

async function waitsOf(run: string): Promise<string[]> {
  const { rows } = await pool().query<{ line: string }>(
    `select step || ' ' || kind || coalesce(' ' || match_key, '') as line from wait where run_id = $1 order by step`,
    [uuidOf(run)],
  );
  return rows.map((row) => row.line);
}

async function approvalOf(run: string) {
  const { approvals } = await listApprovals(access, { params: {}, query: { limit: 50, offset: 0, run_id: run }, body: {} });
  const [approval] = approvals;
  if (approval === undefined) throw new Error('There is no approval');
  return approval;
}

function decide(
  who: Access,
  id: string,
  decision: 'approved' | 'rejected',
  form: Record<string, string | number> = {},
  comment = '',
): Promise<unknown> {
  return decideApproval(who, { params: { id }, query: {}, body: { decision, form, comment } });
}

describe('events', () => {
  it('checklist #37, #99: a wait holds no worker; another one takes over where the first has gone', async () => {
    const first = await worker(() => done());
    const { run } = await started([{ id: 'paid', type: 'wait', config: { event_type: 'payment', timeout: '30 days' } }]);
    await parked(run);
    expect(await waitsOf(run)).toEqual(['paid event payment']);
    await until(() => first.size === 0);
    await first.stop(100);
    await send(run, 'payment', { amount: 12 });
    expect(await rowOf(run)).toMatchObject({ status: 'waiting', owner: null });
    await worker(() => done());
    await ended([run]);
    expect(await rowOf(run)).toMatchObject({ status: 'completed', output: { paid: { event_type: 'payment', payload: { amount: 12 } } } });
    expect(await waitsOf(run)).toEqual([]);
  });

  it('checklist #139: reach a run by type with any JSON, once for each key', async () => {
    await worker(() => done());
    const { run } = await started([
      { id: 'a', type: 'wait', config: { event_type: 'n' } },
      { id: 'b', type: 'wait', config: { event_type: 'n' }, depends_on: ['a'] },
    ]);
    await send(run, 'n', [1, null, 'x'], 'k@1');
    await send(run, 'n', [1, null, 'x'], 'k@1');
    await until(async () => (await waitsOf(run)).join() === 'b event n');
    await send(run, 'n', false);
    await ended([run]);
    expect((await rowOf(run)).output).toMatchObject({ b: { payload: false } });
    expect(await codeOf(send(run, 'n', 1))).toBe('conflict');
    expect(await codeOf(sendEvent(await testAccess('Eve'), { params: { run_id: run, event_type: 'n' }, query: {}, body: 1 }))).toBe(
      'not_found',
    );
  });

  it('are matched by an expression over payload, input and steps', async () => {
    await worker(() => done());
    const { run } = await started(
      [
        { id: 'order', type: 'transform', config: { fields: { id: '{{ input.id }}' } } },
        {
          id: 'paid',
          type: 'wait',
          config: { event_type: 'payment', match: 'event.order = steps.order.output.id and event.amount > 5' },
          depends_on: ['order'],
        },
      ],
      { id: 'A-1' },
    );
    await send(run, 'payment', { order: 'A-2', amount: 10 });
    await send(run, 'payment', { order: 'A-1', amount: 1 });
    await parked(run);
    await send(run, 'payment', { order: 'A-1', amount: 10 });
    await ended([run]);
    expect((await rowOf(run)).output).toMatchObject({ paid: { payload: { order: 'A-1', amount: 10 } } });
    const examined = (await eventsOf(run)).flatMap((one) => (one.type === 'wait_examined' ? [`${one.event} ${one.value}`] : []));
    expect(examined).toEqual(['1 false', '2 false', '3 true']);
  });

  it('checklist #143: a time-out takes its branch, and a later event stays for the next wait', async () => {
    await worker(() => done());
    const { run } = await started([
      { id: 'first', type: 'wait', config: { event_type: 'n', timeout: 0.2 } },
      { id: 'second', type: 'wait', config: { event_type: 'n' }, depends_on: [{ step: 'first', branch: 'timeout' }] },
    ]);
    await until(async () => (await waitsOf(run)).includes('second event n'));
    await send(run, 'n', 'late');
    await ended([run]);
    expect(await storyOf(run)).not.toContain('step_failed first');
    expect((await rowOf(run)).output).toMatchObject({ second: { payload: 'late' } });
  });

  it('checklist #142: sent while the run is paused, they are used when it goes on', async () => {
    await worker(() => done());
    const { run } = await started([{ id: 'w', type: 'wait', config: { event_type: 'n' } }]);
    await parked(run);
    const place = { workspaceId: access.workspaceId, runId: run, catalog: testCatalog };
    await requestPause(place);
    await send(run, 'n', 1);
    expect(await rowOf(run)).toMatchObject({ status: 'paused', owner: null });
    expect(await waitsOf(run)).toEqual(['w event n']);
    await requestResume(place);
    await ended([run]);
    expect((await rowOf(run)).status).toBe('completed');
  });

  it('are awaited inside the iterations of a loop, side by side, each its own', async () => {
    await worker(() => done());
    const ask = { id: 'ask', type: 'wait', config: { event_type: 'n', match: 'event.for = item' } };
    const { run } = await started([{ id: 'each', type: 'loop', config: { items: 'input.names', steps: [ask], concurrency: 3 } }], {
      names: ['a', 'b', 'c'],
    });
    await until(async () => (await waitsOf(run)).length === 3);
    expect(await waitsOf(run)).toEqual(['each[0].ask event n', 'each[1].ask event n', 'each[2].ask event n']);
    for (const name of ['c', 'a', 'b']) await send(run, 'n', { for: name });
    await ended([run]);
    const { output } = await rowOf(run);
    expect(JSON.stringify(output)).toMatch(/"for":"a".*"for":"b".*"for":"c"/);
  });

  it('go to every run of a workflow that waits for them, and to no other', async () => {
    await worker(() => done());
    const { run, workflow } = await started([{ id: 'w', type: 'wait', config: { event_type: 'n' } }]);
    const { run: other } = await started([{ id: 'w', type: 'wait', config: { event_type: 'n' } }]);
    await Promise.all([parked(run), parked(other)]);
    const uuid = `${workflow.slice(3)}`.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    expect(await deliverEvent(uuid, 'm', {}, 'x')).toEqual([]);
    expect(await deliverEvent(uuid, 'n', { a: 1 }, 'x')).toEqual([run]);
    expect(await deliverEvent(uuid, 'n', { a: 1 }, 'x')).toEqual([]);
    await ended([run]);
    expect((await rowOf(other)).status).toBe('waiting');
  });
});

describe('conditions', () => {
  it('checklist #37: are asked again until they hold, see other paths, and leave no row for each look', async () => {
    let end: (() => void) | undefined;
    await worker(() => new Promise((resolve) => (end = () => resolve(done()))));
    const { run } = await started([
      { id: 'slow', type: 'wait', config: { event_type: 'n' } },
      { id: 'until', type: 'wait', config: { condition: 'steps.slow.status = "completed"', interval: 1, timeout: '1h' } },
    ]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await rowOf(run)).status).toBe('waiting');
    await send(run, 'n', 1);
    await ended([run], 5000);
    expect((await eventsOf(run)).filter((one) => one.type === 'wait_examined')).toHaveLength(1);
    expect(end).toBeUndefined();
  });

  it('parks between looks that are far apart', async () => {
    const first = await worker(() => done());
    const { run } = await started([{ id: 'w', type: 'wait', config: { condition: '$millis() < 0', interval: '1h' } }]);
    await parked(run);
    await until(() => first.size === 0);
    const { rows } = await pool().query(
      `select wake_at between now() + interval '59 min' and now() + interval '61 min' as later from run where id = $1`,
      [uuidOf(run)],
    );
    expect(rows).toEqual([{ later: true }]);
  });
});

describe('approvals', () => {
  it('are listed with the names of their steps, each once, page by page; of one step where it is asked for', async () => {
    await worker(() => done());
    const ask = { id: 'ask', name: 'Ask the owner', type: 'approval', config: { message: 'Go?' } };
    const loop = { id: 'each', name: 'Each order', type: 'loop', config: { items: [1, 2, 3], concurrency: 3, steps: [ask] } };
    const { run } = await started([loop]);
    await until(async () => (await waitsOf(run)).length === 3);
    const page = (more: { cursor?: string; step_key?: string }) =>
      listApprovals(access, { params: {}, query: { limit: 2, offset: 0, run_id: run, ...more }, body: {} });
    const first = await page({});
    const second = await page({ cursor: first.next_cursor ?? '' });
    expect([first.approvals.length, first.total, second.approvals.length, second.next_cursor]).toEqual([2, 3, 1, null]);
    const all = [...first.approvals, ...second.approvals];
    expect(all.map((one) => one.step_name).sort()).toEqual([0, 1, 2].map((turn) => `Each order #${turn} › Ask the owner`));
    expect((await page({ step_key: 'each[1].ask' })).approvals.map((one) => one.step_key)).toEqual(['each[1].ask']);
  });

  it('ask with the fields of their form in the order they were written, inside of loops and outside', async () => {
    await worker(() => done());
    const keys = ['reason', 'n', 'k', 'yes'];
    const properties = Object.fromEntries(keys.map((key) => [key, { type: 'string', title: '{{ input.title }}' }]));
    const ask = { id: 'ask', type: 'approval', config: { message: 'Go?', form: { type: 'object', properties } } };
    const { run } = await started([ask, { id: 'each', type: 'loop', config: { items: [1, 2], steps: [{ ...ask, id: 'inner' }] } }], {
      title: 'T',
    });
    await until(async () => (await waitsOf(run)).length >= 2);
    const { approvals } = await listApprovals(access, { params: {}, query: { limit: 9, offset: 0, run_id: run }, body: {} });
    expect(approvals.map((one) => Object.keys((one.form as { properties: object }).properties))).toEqual(approvals.map(() => keys));
  });

  const form = { type: 'object', properties: { reason: { type: 'string' } }, required: ['reason'] };

  it('wait in a list, take a form that fits, and hand it on', async () => {
    await worker(() => done());
    const { run } = await started(
      [
        { id: 'ask', type: 'approval', config: { message: 'Pay {{ input.amount }}?', form } },
        {
          id: 'pay',
          type: 'transform',
          config: { expression: 'steps.ask.output.form.reason' },
          depends_on: [{ step: 'ask', branch: 'approved' }],
        },
      ],
      { amount: 7 },
    );
    await parked(run);
    const approval = await approvalOf(run);
    expect(approval).toMatchObject({ message: 'Pay 7?', step_key: 'ask', may_decide: true, form, expires_at: null });
    const refusal = await refusalOf(decide(access, approval.id, 'approved', { reason: 5 }));
    expect([refusal.code, refusal.details[0]?.path]).toEqual(['validation_error', '/form/reason']);
    await decide(access, approval.id, 'approved', { reason: 'ok' });
    await ended([run]);
    expect((await rowOf(run)).output).toEqual({ pay: 'ok' });
    expect(await waitsOf(run)).toEqual([]);
    const end = (await eventsOf(run)).find((one) => one.type === 'step_completed' && one.step === 'ask');
    expect(end).toMatchObject({
      branch: 'approved',
      output: { decision: 'approved', form: { reason: 'ok' }, decided_by: { name: 'Ada' } },
    });
  });

  it('two people at once: one outcome, the other is told so', async () => {
    await worker(() => done());
    const { run } = await started([{ id: 'ask', type: 'approval', config: { message: 'Go?' } }]);
    await parked(run);
    const { id } = await approvalOf(run);
    const answers = await Promise.all([
      codeOf(decide(access, id, 'approved')),
      codeOf(decide(access, id, 'rejected', {}, 'no')),
      codeOf(decide(access, id, 'approved')),
    ]);
    expect(answers.filter((one) => one === 'fulfilled')).toHaveLength(1);
    expect(answers.filter((one) => one === 'conflict' || one === 'not_found')).toHaveLength(2);
    await ended([run]);
    const { status, error } = await rowOf(run);
    if (answers[1] === 'fulfilled') expect(error).toMatchObject({ code: 'APPROVAL_REJECTED', message: 'Rejected by Ada: no', step: 'ask' });
    else expect(status).toBe('completed');
    expect(await codeOf(decide(access, id, 'approved'))).toBe('not_found');
  });

  it('are decided by those who are named, whatever else they may do', async () => {
    await worker(() => done());
    const { run } = await started([{ id: 'ask', type: 'approval', config: { message: 'Go?', approvers: ['Boss@example.com', 'admin'] } }]);
    await parked(run);
    const { id } = await approvalOf(run);
    const viewer: Access = { ...access, role: 'viewer', permissions: permissionsOf('viewer') };
    expect(await codeOf(decide(access, id, 'approved'))).toBe('forbidden');
    expect(await codeOf(decide(viewer, id, 'approved'))).toBe('forbidden');
    expect(await codeOf(decide(await testAccess('Eve'), id, 'approved'))).toBe('not_found');
    expect(await codeOf(decide({ ...viewer, actor: { ...viewer.actor, email: 'boss@example.com' } }, id, 'approved'))).toBe('fulfilled');
    await ended([run]);
    const { run: open } = await started([{ id: 'ask', type: 'approval', config: { message: 'Go?' } }]);
    await parked(open);
    expect(await codeOf(decide(viewer, (await approvalOf(open)).id, 'approved'))).toBe('forbidden');
  });

  it('count where they came in time, also when the hint is lost', async () => {
    await worker(() => done());
    const { run } = await started([{ id: 'ask', type: 'approval', config: { message: 'Go?', timeout: 0.6 } }]);
    await until(async () => (await waitsOf(run)).length === 1);
    // What posting does, without telling anybody.
    const payload = JSON.stringify({ decision: 'approved' });
    await pool().query(
      `with one as (update run set mail = mail + 1 where id = $1 returning id, mail)
       insert into inbox (run_id, place, kind, step, token, payload) select id, mail, 'decision', 'ask', '1.1', $2::json from one`,
      [uuidOf(run), payload],
    );
    await ended([run]);
    expect((await rowOf(run)).status).toBe('completed');
  });

  it('that were decided while the run was paused stay decided when it goes on', async () => {
    const first = await worker(() => done());
    const { run } = await started([{ id: 'ask', type: 'approval', config: { message: 'Go?', timeout: 0.5 } }]);
    await until(async () => (await waitsOf(run)).length === 1);
    const place = { workspaceId: access.workspaceId, runId: run, catalog: testCatalog };
    await requestPause(place);
    await until(async () => (await rowOf(run)).status === 'paused' && (await rowOf(run)).owner === null);
    const { id } = await approvalOf(run);
    // Its time stands still.
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await codeOf(decide(access, id, 'approved'))).toBe('fulfilled');
    await first.stop(0);
    await requestResume(place);
    expect(await waitsOf(run)).toEqual([]);
    await worker(() => done());
    await ended([run]);
    expect((await rowOf(run)).status).toBe('completed');
  });

  it('leave the list when the run is cancelled, and refuse what comes after their time', async () => {
    await worker(() => done());
    const { run } = await started([{ id: 'ask', type: 'approval', config: { message: 'Go?' } }]);
    const { run: late } = await started([{ id: 'ask', type: 'approval', config: { message: 'Go?', timeout: 0.3 } }]);
    await parked(run);
    await until(async () => (await waitsOf(late)).length === 1);
    const { id } = await approvalOf(late);
    await ended([late]);
    expect(await codeOf(decide(access, id, 'approved'))).toBe('not_found');
    expect(await rowOf(late)).toMatchObject({ status: 'failed', error: { code: 'WAIT_TIMEOUT' } });
    await requestCancel({ workspaceId: access.workspaceId, runId: run, catalog: testCatalog });
    expect(await waitsOf(run)).toEqual([]);
  });
});
