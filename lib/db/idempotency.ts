import { database } from './client.ts';
import { Prisma } from './generated/client.ts';

/** One call that carried an `Idempotency-Key`. */
export interface IdempotentCall {
  readonly workspaceUuid: string;
  readonly operation: string;
  readonly key: string;
  /** Hash of what was asked for. */
  readonly requestHash: string;
}

/**
 * `mine`: go on. `term` names the key's present 24 hours: it is the same for a call that takes over from one that died
 * half-way, so what that one made can be found by it. Otherwise what the earlier call asked for, and its answer once it has one.
 */
export type Claim =
  | { readonly mine: true; readonly term: string }
  | { readonly mine: false; readonly requestHash: string; readonly done: boolean; readonly answer: unknown };

/**
 * Claims a key for this call. A claim whose answer never came (the process died) is given after `abandonedMs` to a call
 * that asks for the same, any claim after `keepMs` to every call. One statement, so that of two calls at the same moment
 * one gets it.
 */
export async function claimKey(call: IdempotentCall, { keepMs, abandonedMs }: { keepMs: number; abandonedMs: number }): Promise<Claim> {
  const { workspaceUuid, operation, key, requestHash } = call;
  const claimed = await database().$queryRaw<{ expires_at: Date }[]>(Prisma.sql`
    insert into idempotency as held (workspace_id, operation, key, request_hash, created_at, expires_at)
    values (${workspaceUuid}::uuid, ${operation}, ${key}, ${requestHash}, now(), now() + ${keepMs} * interval '1 millisecond')
    on conflict (workspace_id, operation, key) do update
      set request_hash = excluded.request_hash, status = null, answer = null, created_at = excluded.created_at,
        expires_at = case when held.expires_at < now() then excluded.expires_at else held.expires_at end
      where held.expires_at < now() or (held.status is null and held.request_hash = excluded.request_hash
        and held.created_at < now() - ${abandonedMs} * interval '1 millisecond')
    returning expires_at`);
  if (claimed[0] !== undefined) return { mine: true, term: claimed[0].expires_at.toISOString() };
  const held = await database().idempotency.findUnique({ where: { workspaceId_operation_key: place(call) } });
  // Given back between the two statements: the earlier call was refused, so this one may try.
  if (held === null) return claimKey(call, { keepMs, abandonedMs });
  return { mine: false, requestHash: held.requestHash, done: held.status !== null, answer: held.answer };
}

/** Keeps the answer for whoever repeats the call. */
export async function keepAnswer(call: IdempotentCall, answer: unknown): Promise<void> {
  await database().idempotency.updateMany({
    where: place(call),
    data: { status: 200, answer: answer === null ? Prisma.JsonNull : (answer as Prisma.InputJsonValue) },
  });
}

/** Gives a claim back: the call was refused, its repetition may do better. */
export async function releaseKey(call: IdempotentCall): Promise<void> {
  await database().idempotency.deleteMany({ where: { ...place(call), status: null } });
}

/** Leaves a claim to the next call that asks for the same: it is not known whether this one did anything. */
export async function abandonKey(call: IdempotentCall): Promise<void> {
  await database().idempotency.updateMany({ where: { ...place(call), status: null }, data: { createdAt: new Date(0) } });
}

/** Removes what nobody can ask for any more. Answers the number of rows. */
export async function sweepIdempotency(now: Date): Promise<number> {
  const { count } = await database().idempotency.deleteMany({ where: { expiresAt: { lt: now } } });
  return count;
}

function place({ workspaceUuid, operation, key }: IdempotentCall) {
  return { workspaceId: workspaceUuid, operation, key };
}
