import { beforeAll, describe, expect, it } from 'vitest';
import { uuidFromId } from '#lib/base/ids.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { exampleDefinition } from '#lib/server/test-workspace.ts';
import { type TestApi, testApi } from './test-api.ts';

interface Batch {
  readonly runs: { run_id: string; existing?: boolean; skipped?: boolean }[];
}
interface Refusal {
  readonly error: string;
  readonly message: string;
  readonly details: { path: string; code: string }[];
}

const SCHEMA = { type: 'object', required: ['customer'], properties: { customer: { type: 'string' } } };
let api: TestApi;

beforeAll(async () => {
  await freshDatabase();
  api = await testApi();
  atEnd(async () => {
    await stopListening();
    await disconnect();
  });
});

const workflow = (more: JsonObject = {}) => api.workflow(exampleDefinition(undefined, more));
const batch = (id: string, body: object, headers: Record<string, string> = {}) =>
  api.call<Batch>('POST', `/api/workflows/${id}/runs/batch`, body, headers);
const refused = async (id: string, body: object) => {
  const { status, body: refusal } = await api.call<Refusal>('POST', `/api/workflows/${id}/runs/batch`, body);
  return { status, paths: refusal.details.map((one) => one.path) };
};
const stored = async (id: string): Promise<number> => {
  const { rows } = await pool().query<{ count: number }>('select count(*)::int as count from run where workflow_id = $1', [
    uuidFromId('wf', id),
  ]);
  return rows[0]?.count ?? 0;
};

describe('a batch of starts', () => {
  it('makes 1,000 runs in the order of its items, each with what it says and its first event', async () => {
    const id = await workflow();
    const runs = Array.from({ length: 1000 }, (_, at) => ({
      input_data: { at, text: 'a "quoted" \\ line\nand { braces }, ünï 😀' },
      external_id: `order-"\\{},${(at * 7919) % 1000}`,
      priority: at % 3,
    }));
    const { status, body } = await batch(id, { runs });
    expect(status).toBe(202);
    const ids = body.runs.map((run) => run.run_id);
    expect(new Set(ids).size).toBe(1000);
    const { rows } = await pool().query(
      `select run.input, external_id, priority, run.trigger, version, status, e.type, e.data from run join run_event e on run_id = id and seq = 1
       where id = any($1) order by array_position($1::uuid[], id)`,
      [ids.map((run) => uuidFromId('run', run))],
    );
    expect(rows).toEqual(
      runs.map(({ input_data, ...rest }) => ({
        ...rest,
        input: input_data,
        trigger: 'api',
        version: 1,
        status: 'queued',
        type: 'run_queued',
        data: { trigger: 'api', version: 1 },
      })),
    );
    // The order in which they are taken.
    expect(ids.toSorted()).toEqual(ids);
  });

  it('names the item and the place of every fault, and starts none', async () => {
    const id = await workflow({ input_schema: SCHEMA });
    const good = { input_data: { customer: 'acme' } };
    const faulty = await refused(id, { runs: [good, { input_data: {} }, good, { input_data: { customer: 1 } }] });
    expect(faulty).toEqual({ status: 422, paths: ['/runs/1/input_data/customer', '/runs/3/input_data/customer'] });
    expect(await refused(id, { runs: [good, { ...good, priority: 'high' }] })).toEqual({ status: 422, paths: ['/runs/1/priority'] });
    expect(await refused(id, { runs: [] })).toEqual({ status: 422, paths: ['/runs'] });
    expect(await refused(id, { runs: Array(1001).fill(good) })).toEqual({ status: 422, paths: ['/runs'] });
    const large = { input_data: { customer: 'x'.repeat(1024 * 1024) } };
    expect(await refused(id, { runs: [good, large] })).toEqual({ status: 422, paths: ['/runs/1/input_data'] });
    expect(await refused(id, { runs: [good], version: 7 })).toMatchObject({ status: 404 });
    expect(await stored(id)).toBe(0);
  });

  it('checklist #107: refuses ids that are taken or given twice, and starts none', async () => {
    const id = await workflow();
    await api.run(id, { external_id: 'b' });
    const taken = await refused(id, { runs: [{ external_id: 'a' }, { external_id: 'b' }, {}] });
    expect(taken).toEqual({ status: 409, paths: ['/runs/1/external_id'] });
    const twice = await refused(id, { runs: [{ external_id: 'c' }, {}, { external_id: 'c' }] });
    expect(twice).toEqual({ status: 422, paths: ['/runs/2/external_id'] });
    expect(await stored(id)).toBe(1);
  });

  it('checklist #108: answers runs that are there where asked to, and refuses ids of another workflow', async () => {
    const [id, other] = [await workflow(), await workflow()];
    const first = await api.run(id, { external_id: 'second' });
    const { body } = await batch(id, {
      runs: [{ external_id: 'first' }, { external_id: 'second' }, { external_id: 'first' }],
      if_exists: 'return',
    });
    const [a, b, again] = body.runs;
    expect(a?.existing).toBeUndefined();
    expect(b).toEqual({ run_id: first, existing: true });
    expect(again).toEqual({ run_id: a?.run_id, existing: true });
    const elsewhere = await refused(other, { runs: [{}, { external_id: 'second' }], if_exists: 'return' });
    expect(elsewhere).toEqual({ status: 409, paths: ['/runs/1/external_id'] });
    expect([await stored(id), await stored(other)]).toEqual([2, 0]);
  });

  it('is done once for each Idempotency-Key, after a crash in the middle too', async () => {
    const id = await workflow();
    const send = () => batch(id, { runs: [{}, { external_id: 'own' }, {}] }, { 'idempotency-key': 'once' });
    const first = await send();
    expect((await send()).body).toEqual(first.body);
    // The process died after the runs were made and before the answer was kept.
    await pool().query(`update idempotency set status = null, answer = null, created_at = now() - interval '1 hour' where key = 'once'`);
    const after = await send();
    expect([after.status, after.body]).toEqual([202, first.body]);
    expect(await stored(id)).toBe(3);
  });

  it('lets batches that hold the same ids in other orders wait for each other, never in a circle', async () => {
    const id = await workflow();
    const ids = Array.from({ length: 300 }, (_, at) => ({ external_id: `id-${at}` }));
    const answers = await Promise.all([ids, ids.toReversed(), ids, ids.toReversed()].map((runs) => batch(id, { runs })));
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([202, 409, 409, 409]);
    expect(await stored(id)).toBe(300);
  });

  it('admits no more than the limit of the workflow has room for, for each key', async () => {
    const id = await workflow({ concurrency: { limit: 2, key: '{{ input.customer }}' } });
    await batch(id, { runs: ['a', 'a', 'b', 'a'].map((customer) => ({ input_data: { customer } })) });
    const { rows } = await pool().query<{ gates: unknown[] }>(
      `select json_agg(gate order by id) as gates from run where workflow_id = $1`,
      [uuidFromId('wf', id)],
    );
    expect(rows[0]?.gates).toEqual([null, null, null, 'pending']);
    const skipping = await workflow({ concurrency: { limit: 1, on_limit: 'skip' } });
    expect((await batch(skipping, { runs: [{}, {}] })).body.runs.map((run) => run.skipped)).toEqual([undefined, true]);
  });

  it('starts none of an archived workflow and none of a draft', async () => {
    const id = await workflow();
    await api.call('PATCH', `/api/workflows/${id}/status`, { status: 'archived' });
    expect((await refused(id, { runs: [{}] })).status).toBe(409);
  });
});

describe('starts that share a transaction', () => {
  it('hurt nobody but themselves', async () => {
    const id = await workflow();
    await api.run(id, { external_id: 'taken' });
    const start = (body: object) => api.call('POST', `/api/workflows/${id}/run`, body);
    const before = await pool().query<{ xact: string }>('select pg_current_xact_id()::text as xact');
    const bodies = Array.from({ length: 60 }, (_, at) => {
      if (at % 6 === 1) return { external_id: 'taken' };
      if (at % 6 === 2) return { version: 99 };
      if (at % 6 === 3) return { external_id: 'new' };
      return { input_data: { at } };
    });
    const answers = await Promise.all(bodies.map(start));
    const after = await pool().query<{ xact: string }>('select pg_current_xact_id()::text as xact');
    const statuses = (place: number) => answers.filter((_, at) => at % 6 === place).map((answer) => answer.status);
    expect(new Set(statuses(0))).toEqual(new Set([202]));
    expect(new Set(statuses(1))).toEqual(new Set([409]));
    expect(new Set(statuses(2))).toEqual(new Set([404]));
    expect(statuses(3).filter((status) => status === 202)).toHaveLength(1);
    expect(await stored(id)).toBe(1 + 30 + 1);
    // 31 runs, and far fewer transactions.
    expect(Number(after.rows[0]?.xact) - Number(before.rows[0]?.xact)).toBeLessThan(20);
  });
});
