import { uuidFromId, uuidv7 } from '#lib/base/ids.ts';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { database, pool } from './client.ts';
import type { HookCall } from './generated/client.ts';

export type CallOutcome = 'pending' | 'started' | 'tested' | 'delivered' | 'refused';
/** A call without what was sent, as lists need it. */
export type CallRecord = Pick<HookCall, 'id' | 'method' | 'size' | 'outcome' | 'reason' | 'runIds' | 'receivedAt' | 'dedupeKey'>;
const LISTED = {
  id: true,
  method: true,
  size: true,
  outcome: true,
  reason: true,
  runIds: true,
  receivedAt: true,
  dedupeKey: true,
} as const;

export interface NewCall {
  readonly hookUuid: string;
  readonly dedupeKey: string | null;
  readonly method: string;
  readonly query: JsonObject;
  readonly headers: JsonObject;
  readonly body: Json;
  readonly size: number;
}

/** Calls of a hook that are kept, and for how many days. */
export const KEPT_CALLS = 500;
const KEPT_DAYS = 30;

/**
 * Stores a call before anything is done with it. `known` where a call with this key was stored before: that one is
 * answered. A refused one gives its key up.
 */
export async function storeCall(call: NewCall): Promise<{ id: string; known: CallRecord | null }> {
  const id = uuidv7();
  const { rowCount } = await pool().query(
    `insert into hook_call (id, hook_id, dedupe_key, method, query, headers, body, size) values ($1, $2, $3, $4, $5::json, $6::json, $7::json, $8)
     on conflict (hook_id, dedupe_key) do nothing`,
    [id, call.hookUuid, call.dedupeKey, call.method, json(call.query), json(call.headers), json(call.body), call.size],
  );
  if (rowCount === 1 || call.dedupeKey === null) return { id, known: null };
  const where = { hookId_dedupeKey: { hookId: call.hookUuid, dedupeKey: call.dedupeKey } };
  const known = await database().hookCall.findUnique({ where, select: LISTED });
  return known === null ? storeCall(call) : { id: known.id, known };
}

function json(value: Json): string {
  return JSON.stringify(value);
}

/** Says what came of a call. A refused one may come again with the same key. */
export async function settleCall(
  callUuid: string,
  outcome: { readonly outcome: CallOutcome; readonly reason?: string; readonly runUuids?: readonly string[] },
): Promise<void> {
  const refused = outcome.outcome === 'refused';
  await pool().query(
    `update hook_call set outcome = $2, reason = $3, run_ids = $4::uuid[], dedupe_key = case when $5 then null else dedupe_key end where id = $1`,
    [callUuid, outcome.outcome, outcome.reason ?? null, outcome.runUuids ?? [], refused],
  );
}

/** Calls of a hook, newest first. */
export async function listCalls(
  hookUuid: string,
  page: { readonly limit: number; readonly offset: number },
): Promise<{ calls: CallRecord[]; total: number }> {
  const where = { hookId: hookUuid };
  const [calls, total] = await Promise.all([
    database().hookCall.findMany({ where, orderBy: { id: 'desc' }, take: page.limit, skip: page.offset, select: LISTED }),
    database().hookCall.count({ where }),
  ]);
  return { calls, total };
}

/** A call with all that was sent, or null. */
export async function findCall(hookUuid: string, callId: string): Promise<HookCall | null> {
  const id = uuidFromId('call', callId);
  return id === null ? null : database().hookCall.findFirst({ where: { id, hookId: hookUuid } });
}

/** Removes the calls beyond what is kept. */
export async function trimCalls(): Promise<void> {
  await pool().query(`delete from hook_call where received_at < now() - interval '${KEPT_DAYS} days'`);
  await pool().query(
    `delete from hook_call c using (
       select id from (select id, row_number() over (partition by hook_id order by id desc) as nr from hook_call) ranked where nr > $1
     ) old where c.id = old.id`,
    [KEPT_CALLS],
  );
}
