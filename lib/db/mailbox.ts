import type { PoolClient } from 'pg';
import type { Json } from '#lib/base/json.ts';
import type { Message, MessageKind } from '#lib/engine/message.ts';
import { pool } from './client.ts';
import { ensureDispatcher } from './dispatcher.ts';

/**
 * The mailbox of runs. What comes from outside while a worker may be driving the run is a row in `inbox`; the run's owner
 * makes journal events of it and removes the row in the same statement that writes them, so nothing is lost or done twice.
 *
 *     post ──▶ run.mail + 1, row, wake ──▶ owner reads (claim, hint, a flush's answer) ──▶ append: events in, row out
 *
 * A run is not given back while it has mail that its owner has not read (see `append`). One that nobody drives keeps its
 * mail: a parked run is woken, a queued or paused one reads it when it goes on.
 */

export interface NewMessage {
  /** Uuid of the run. */
  readonly runId: string;
  readonly kind: MessageKind;
  readonly step?: string | null;
  readonly token?: string | null;
  readonly payload: Json;
  /** A second message to the run with the same key is not taken, however late. */
  readonly dedupeKey?: string | null;
}

/** `ended`: the run has, so nobody will read the message and it is not kept. */
export type Posted = 'posted' | 'duplicate' | 'ended' | 'missing';

/**
 * Posts messages and wakes their runs; answers in their order. With `client` it is part of the caller's transaction, which
 * must have called `ensureDispatcher` before it began and may hold no run's row with a greater id.
 */
export async function postMail(messages: readonly NewMessage[], client?: Pick<PoolClient, 'query'>): Promise<Posted[]> {
  if (messages.length === 0) return [];
  if (client === undefined) await ensureDispatcher();
  const rows = messages.map((one) => ({
    run_id: one.runId,
    kind: one.kind,
    step: one.step ?? null,
    token: one.token ?? null,
    payload: JSON.stringify(one.payload),
    dedupe_key: one.dedupeKey ?? null,
  }));
  const { rows: answers } = await (client ?? pool()).query<{ answer: Posted }>({
    name: 'post_mail',
    text: 'select answer from post_mail($1::json) order by nr',
    values: [JSON.stringify(rows)],
  });
  return answers.map((row) => row.answer);
}

/** Where a reader of a run's mail has got to. */
export interface MailPlace {
  /** Uuid. */
  readonly runId: string;
  readonly after: number;
}

/** The messages of these runs behind those places, in order. Runs without any are left out. */
export async function readMail(places: readonly MailPlace[]): Promise<Map<string, Message[]>> {
  const { rows } = await pool().query<Message & { run_id: string }>({
    name: 'read_mail',
    text: `select i.run_id, i.place, i.kind, i.step, i.token, i.payload from unnest($1::uuid[], $2::int[]) as at(run_id, after)
      join inbox i on i.run_id = at.run_id and i.place > at.after order by i.run_id, i.place`,
    values: [places.map((one) => one.runId), places.map((one) => one.after)],
  });
  const byRun = new Map<string, Message[]>();
  for (const { run_id: runId, ...message } of rows) {
    const known = byRun.get(runId);
    if (known) known.push(message);
    else byRun.set(runId, [message]);
  }
  return byRun;
}

/** Drops what a run has not read, because it begins anew. The caller holds its row. */
export async function dropMail(client: Pick<PoolClient, 'query'>, runUuid: string): Promise<void> {
  await client.query('delete from inbox where run_id = $1', [runUuid]);
}
