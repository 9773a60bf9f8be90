import { describe, expect, it } from 'vitest';
import { uuidFromId } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import { claimQueued, giveBackOrphans } from '#lib/db/claims.ts';
import { pool } from '#lib/db/client.ts';
import { deleteRun, requestPause, requestReopen, requestResume } from '#lib/db/control-runs.ts';
import { append } from '#lib/db/journal.ts';
import { dropMail, type NewMessage, type Posted, postMail } from '#lib/db/mailbox.ts';
import { mailReader } from './run-mail.ts';
import { chainOf, done, ended, eventsOf, rowOf, storeSteps, testCatalog, until, uuidOf } from './test-runs.ts';
import { freshWorkers } from './test-workers.ts';

const worker = freshWorkers();

function event(run: string, payload: Json, dedupeKey?: string): NewMessage {
  return { runId: uuidOf(run), kind: 'event', payload: { event_type: 'ping', payload }, dedupeKey: dedupeKey ?? null };
}

async function send(run: string, payload: Json, dedupeKey?: string): Promise<Posted | undefined> {
  return (await postMail([event(run, payload, dedupeKey)]))[0];
}

/** Payloads of the events in the run's journal, in order. */
async function received(run: string): Promise<Json[]> {
  return (await eventsOf(run)).flatMap((one) => (one.type === 'event_received' ? [one.payload] : []));
}

async function unread(run: string): Promise<number> {
  const { rows } = await pool().query<{ left: number }>('select count(*)::int as left from inbox where run_id = $1', [uuidOf(run)]);
  return rows[0]?.left ?? -1;
}

/** A run with a first step that ends when told to. */
function held(): { behavior: () => Promise<ReturnType<typeof done>>; begun: () => boolean; end: () => void } {
  const { promise, resolve } = Promise.withResolvers<ReturnType<typeof done>>();
  let begun = false;
  return {
    behavior: () => {
      begun = true;
      return promise;
    },
    begun: () => begun,
    end: () => resolve(done()),
  };
}

describe('mailbox', () => {
  it('gives each message once to two questions of a run that go to the database together', async () => {
    const { start } = await storeSteps(chainOf(1));
    const [run = ''] = await start();
    for (const payload of [1, 2, 3]) await send(run, payload);
    const reader = mailReader();
    const answers = await Promise.all([2, 0, 1].map((after) => reader.add({ runId: uuidOf(run), after })));
    expect(answers.map((messages) => messages.map((one) => one.place))).toEqual([[3], [1, 2, 3], [2, 3]]);
  });

  it('keeps what is posted to a queued run until it is claimed', async () => {
    const { start } = await storeSteps(chainOf(1));
    const [run = ''] = await start();
    expect(await send(run, 1)).toBe('posted');
    expect(await send(run, 2)).toBe('posted');
    expect(await unread(run)).toBe(2);
    await worker(() => done());
    await ended([run]);
    expect(await received(run)).toEqual([1, 2]);
    expect(await unread(run)).toBe(0);
  });

  it('reaches the owner of a run within moments, and keeps the order', async () => {
    const step = held();
    await worker(step.behavior);
    const { start } = await storeSteps(chainOf(1));
    const [run = ''] = await start();
    await until(step.begun);
    const sent = Array.from({ length: 30 }, (_, index) => index);
    await postMail(sent.map((index) => event(run, index)));
    await until(async () => (await received(run)).length === 30, 2000);
    step.end();
    await ended([run]);
    expect(await received(run)).toEqual(sent);
    expect(await unread(run)).toBe(0);
  });

  it('takes one of two with the same dedupe key, also after the first was read', async () => {
    const step = held();
    await worker(step.behavior);
    const { start } = await storeSteps(chainOf(1));
    const [run = '', other = ''] = await start(2);
    await until(step.begun);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => send(run, index, 'order-1')));
    expect(answers.toSorted()).toEqual([...Array.from({ length: 7 }, () => 'duplicate'), 'posted']);
    await until(async () => (await received(run)).length === 1);
    expect(await send(run, 9, 'order-1')).toBe('duplicate');
    expect(await send(other, 9, 'order-1')).toBe('posted');
    step.end();
    await ended([run, other]);
    expect(await received(run)).toHaveLength(1);
  });

  it('wakes a parked run', async () => {
    await worker(() => done());
    const { start } = await storeSteps([{ id: 'nap', type: 'wait', config: { duration: '1 day' } }]);
    const [run = ''] = await start();
    await until(async () => (await rowOf(run)).status === 'waiting' && (await rowOf(run)).owner === null);
    expect(await send(run, 'hello')).toBe('posted');
    await until(async () => (await received(run)).length === 1 && (await rowOf(run)).owner === null);
    expect(await rowOf(run)).toMatchObject({ status: 'waiting', epoch: 2 });
    const { rows } = await pool().query(`select wake_at > now() + interval '20 hours' as later from run where id = $1`, [uuidOf(run)]);
    expect(rows).toEqual([{ later: true }]);
  });

  it('checklist #142: a paused run keeps its mail and reads it when it goes on', async () => {
    const step = held();
    await worker(step.behavior);
    const { start, workspaceId } = await storeSteps(chainOf(2));
    const [run = ''] = await start();
    await until(step.begun);
    const place = { workspaceId, runId: run, catalog: testCatalog };
    await requestPause(place);
    await until(async () => (await rowOf(run)).status === 'pausing');
    step.end();
    await until(async () => (await rowOf(run)).status === 'paused' && (await rowOf(run)).owner === null);
    expect(await send(run, 'kept')).toBe('posted');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await rowOf(run)).toMatchObject({ status: 'paused', owner: null });
    expect(await unread(run)).toBe(1);
    await requestResume(place);
    await ended([run]);
    expect(await received(run)).toEqual(['kept']);
  });

  it('checklist #123: a restart drops what nobody has read yet', async () => {
    await worker(() => done());
    const { start, workspaceId } = await storeSteps([{ id: 'w', type: 'wait', config: { event_type: 'ping' } }]);
    const [run = ''] = await start();
    await until(async () => (await rowOf(run)).status === 'waiting');
    const place = { workspaceId, runId: run, catalog: testCatalog };
    await requestPause(place);
    await until(async () => (await rowOf(run)).status === 'paused' && (await rowOf(run)).owner === null);
    await send(run, 'old');
    expect(await requestReopen(place, { kind: 'restart', fromStep: null })).toMatchObject({ kind: 'accepted' });
    expect(await unread(run)).toBe(0);
    await until(async () => (await rowOf(run)).status === 'waiting');
    await send(run, 'new');
    await ended([run]);
    expect(await received(run)).toEqual(['new']);
  });

  it('checklist #123: also of a run that a worker drives', async () => {
    const step = held();
    await worker(step.behavior);
    const { start, workspaceId } = await storeSteps(chainOf(1));
    const [run = ''] = await start();
    await until(step.begun);
    // As if the hint of it were late.
    await pool().query(
      `with one as (update run set mail = mail + 1 where id = $1 returning id, mail) insert into inbox (run_id, place, kind, payload)
       select id, mail, 'event', '{"event_type":"ping","payload":"old"}' from one`,
      [uuidOf(run)],
    );
    await requestReopen({ workspaceId, runId: run, catalog: testCatalog }, { kind: 'restart', fromStep: null });
    await until(async () => (await eventsOf(run)).some((one) => one.type === 'run_reopened'));
    await send(run, 'new');
    await until(async () => (await received(run)).length > 0);
    step.end();
    await ended([run]);
    expect(await received(run)).toEqual(['new']);
  });

  it('is closed to runs that have ended or never were, and goes with the run', async () => {
    await worker(() => done());
    const { start, workspaceId } = await storeSteps(chainOf(1));
    const [run = ''] = await start();
    await send(run, 1, 'key');
    await ended([run]);
    await until(async () => (await rowOf(run)).owner === null);
    expect(await send(run, 2)).toBe('ended');
    expect(await deleteRun({ workspaceId, runId: run })).toBe('deleted');
    expect(await send(run, 3)).toBe('missing');
    const { rows } = await pool().query('select * from inbox_key where run_id = $1', [uuidFromId('run', run)]);
    expect(rows).toEqual([]);
  });

  it('is one transaction with what else its sender does', async () => {
    const { start } = await storeSteps(chainOf(1));
    const [run = ''] = await start();
    const client = await pool().connect();
    await client.query('begin');
    expect(await postMail([event(run, 1, 'k')], client)).toEqual(['posted']);
    await client.query('rollback');
    client.release();
    expect(await unread(run)).toBe(0);
    expect(await send(run, 2, 'k')).toBe('posted');
    await dropMail(pool(), uuidOf(run));
    await worker(() => done());
    await ended([run]);
    expect(await received(run)).toEqual([]);
  });

  it('takes payloads that databases dislike', async () => {
    const odd = { nul: 'a\u0000b', lone: '\ud800', 'ke"y\\': [null, 1e300, ''] };
    const { start } = await storeSteps(chainOf(1));
    const [run = ''] = await start();
    await send(run, odd);
    await worker(() => done());
    await ended([run]);
    expect(await received(run)).toEqual([odd]);
  });
});

/** Posts in a transaction that is still open when `then` begins, which has to wait for the run's row. */
async function postFirst<T>(run: string, then: () => Promise<T>): Promise<[T]> {
  const client = await pool().connect();
  await client.query('begin');
  await postMail([event(run, 1)], client);
  const answer = then();
  await new Promise((resolve) => setTimeout(resolve, 30));
  await client.query('commit');
  client.release();
  return [await answer];
}

describe('races', () => {
  it('posting while runs park loses nothing and leaves no run asleep with mail', async () => {
    await worker(() => done(), { lanes: 2 });
    const { start } = await storeSteps([{ id: 'work' }, { id: 'nap', type: 'wait', config: { duration: '1 day' }, depends_on: ['work'] }]);
    const runs = await start(40);
    // Each gets its mail at another moment of its way: queued, claimed, at its first rows, while it is given back, parked.
    await Promise.all(
      runs.flatMap((run, index) =>
        [0, 1, 2].map(async (turn) => {
          await new Promise((resolve) => setTimeout(resolve, index * 2 + turn * 7));
          expect(await send(run, turn)).toBe('posted');
        }),
      ),
    );
    await until(async () => {
      const rows = await Promise.all(runs.map(async (run) => ({ ...(await rowOf(run)), left: await unread(run) })));
      return rows.every((row) => row.status === 'waiting' && row.owner === null && row.left === 0);
    });
    for (const run of runs) expect((await received(run)).toSorted()).toEqual([0, 1, 2]);
  });

  it('an owner that dies between reading and appending: the next one reads it, once', async () => {
    const { start } = await storeSteps(chainOf(1));
    const runs = await start(10);
    const step = held();
    const first = await worker(step.behavior);
    await until(step.begun);
    await Promise.all(runs.map((run) => send(run, 'a')));
    // Declared dead at some moment of the reading; what it still sends is refused.
    await pool().query(`update worker set status = 'dead', lease_until = now() where id = $1`, [first.id]);
    await giveBackOrphans();
    await Promise.all(runs.map((run) => send(run, 'b')));
    await worker(() => done());
    await ended(runs);
    for (const run of runs) {
      expect(await received(run)).toEqual(['a', 'b']);
      expect(await unread(run)).toBe(0);
    }
    step.end();
  });

  it('a release and a message at the same moment, in either order', async () => {
    const { start } = await storeSteps(chainOf(1));
    const owner = await worker(() => done(), { queues: ['nobody'] });
    const head = {
      status: 'waiting',
      startedAt: null,
      completedAt: null,
      output: null,
      error: null,
      progress: 0,
      wakeAt: null,
      deadline: null,
    } as const;
    const runs = await start(30);
    await claimQueued({ workerId: owner.id, queues: ['default'] }, 30);
    let heldBack = 0;
    await Promise.all(
      runs.map(async (run, index) => {
        const one = {
          runId: uuidOf(run),
          epoch: 1,
          baseSeq: 1,
          rows: [],
          head,
          release: true,
          taken: 'none',
          limited: false,
          mail: 0,
          removesMail: false,
          waits: { opened: [], closed: [] },
        } as const;
        const [answer] = await (index < 3
          ? postFirst(run, () => append(owner.id, [one]))
          : Promise.all([append(owner.id, [one]), send(run, 1)]));
        const said = answer.get(uuidOf(run));
        const { rows } = await pool().query<{ owner: string | null; due: boolean }>(
          'select owner, wake_at is not null as due from run where id = $1',
          [uuidOf(run)],
        );
        // Either the owner still has the run and knows of the mail, or it has left and the run is to be looked at.
        if (said?.held) {
          heldBack++;
          expect(said.mail).toBe(1);
          expect(rows).toEqual([{ owner: owner.id, due: false }]);
        } else expect(rows).toEqual([{ owner: null, due: true }]);
      }),
    );
    expect(heldBack).toBeGreaterThanOrEqual(3);
  });
});
