import type { Access } from '#lib/auth/access.ts';
import { permissionsOf } from '#lib/auth/roles.ts';
import { AppError } from '#lib/base/errors.ts';
import { idFromUuid, uuidFromId } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import { type CallRecord, settleCall, storeCall } from '#lib/db/hook-calls.ts';
import { findHookByToken, type HookRecord, noteHookUse } from '#lib/db/hooks.ts';
import { deliverEvent } from './deliver-event.ts';
import { formOf, readHookBody } from './hook-body.ts';
import { checkHmac, checkStandard, type SignedCall } from './hook-signature.ts';
import { hashToken, hookPlace } from './hook-view.ts';
import { unseal } from './seal.ts';
import { startRun } from './start-run.ts';

export interface InboundCall {
  readonly token: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** Reads the body, within the limit. Not called for an address that is none. */
  readonly readBody: () => Promise<Uint8Array>;
}

/** What a call has led to. `access` may read its runs. */
export interface Received {
  readonly hook: HookRecord;
  readonly access: Access;
  readonly outcome: 'started' | 'tested' | 'delivered';
  readonly runIds: readonly string[];
  /** The same call came before, and this is what it led to. */
  readonly duplicate: boolean;
}

/** Milliseconds after which a call that is still being taken in has lost its process. */
const ABANDONED_MS = 30_000;
/** Never stored: credentials of the sender, and what a proxy adds about our own visitors. */
const PRIVATE_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization']);

export function noAddress(): AppError {
  return new AppError('not_found', 'There is nothing at this address.');
}

/**
 * Takes a call of a hook: it is stored first, then checked, then acted on. A wrong, disabled or former address looks like one
 * that never was. Throws `unauthorized` for a bad signature, `conflict` where the workflow is not active, and what starting
 * a run throws; the stored call says so too, and can be replayed.
 */
export async function receiveHook(call: InboundCall): Promise<Received> {
  const hook = await findHookByToken(hashToken(call.token));
  if (hook === null || !hook.enabled) throw noAddress();
  const bytes = await call.readBody();
  const headers = Object.fromEntries([...call.headers].filter(([name]) => !PRIVATE_HEADERS.has(name)));
  const query = formOf(call.url.search.slice(1));
  const body = readHookBody(bytes, call.headers.get('content-type') ?? '');
  const fault = signatureFault(hook, { header: (name) => call.headers.get(name), body: bytes });
  // A forged call must not take the key of a true one.
  const dedupeKey = fault === null ? dedupeKeyOf(hook, call.headers) : null;
  const stored = await storeCall({ hookUuid: hook.id, dedupeKey, method: call.method, query, headers, body, size: bytes.byteLength });
  const access = accessOf(hook);
  if (stored.known !== null && !isAbandoned(stored.known)) return repeated(hook, access, stored.known);
  if (fault !== null) {
    await settleCall(stored.id, { outcome: 'refused', reason: fault });
    throw new AppError('unauthorized', `This call is not signed as it should be. ${fault}.`);
  }
  try {
    const done = await act(hook, access, stored.id, { body, headers, query, method: call.method });
    await settleCall(stored.id, { outcome: done.outcome, runUuids: done.runIds.map((id) => uuidFromId('run', id) ?? '') });
    return { hook, access, duplicate: false, ...done };
  } catch (thrown) {
    await settleCall(stored.id, { outcome: 'refused', reason: thrown instanceof AppError ? thrown.message : 'It could not be taken in' });
    throw thrown;
  }
}

async function act(
  hook: HookRecord & { readonly workflow: { readonly status: string } },
  access: Access,
  callUuid: string,
  input: Json,
): Promise<Pick<Received, 'outcome' | 'runIds'>> {
  const listening = await noteHookUse(hook.id, new Date());
  const workflowId = idFromUuid('wf', hook.workflowId);
  if (!listening && hook.action === 'event') {
    const runIds = await deliverEvent(hook.workflowId, hook.eventType ?? '', input, `hook:${callUuid}`);
    return { outcome: 'delivered', runIds };
  }
  if (!listening && hook.workflow.status !== 'active') {
    throw new AppError('conflict', 'The workflow is not active, so its hooks start nothing. The call is kept and can be replayed.');
  }
  const { run_id: runId } = await startRun(
    access,
    { params: { id: workflowId }, query: {}, body: { input_data: input, trigger: 'webhook', draft: listening, priority: 0 } },
    `hook:${callUuid}`,
  );
  return { outcome: listening ? 'tested' : 'started', runIds: [runId] };
}

function signatureFault(hook: HookRecord, call: SignedCall): string | null {
  if (hook.signature === 'none') return null;
  if (hook.sealedSecret === null) return 'The hook has no secret to check it with';
  const secret = unseal(hook.sealedSecret, hookPlace(hook.id));
  return hook.signature === 'standard'
    ? checkStandard(call, secret, Date.now())
    : checkHmac(call, secret, hook.signatureHeader ?? '', Date.now());
}

function dedupeKeyOf(hook: HookRecord, headers: Headers): string | null {
  const names = hook.dedupeHeader === null ? ['webhook-id', 'idempotency-key'] : [hook.dedupeHeader];
  const key = names.map((name) => headers.get(name)).find((value) => value !== null && value !== '');
  return key == null ? null : key.slice(0, 500);
}

/** Whoever took it in first has died over it: it is taken in again, under the same keys. */
function isAbandoned(known: CallRecord): boolean {
  return known.outcome === 'pending' && Date.now() - known.receivedAt.getTime() > ABANDONED_MS;
}

function repeated(hook: HookRecord, access: Access, known: CallRecord): Received {
  if (known.outcome === 'pending') throw new AppError('conflict', 'The same call is being taken in at this moment.');
  const runIds = known.runIds.map((uuid) => idFromUuid('run', uuid));
  return { hook, access, outcome: known.outcome as Received['outcome'], runIds, duplicate: true };
}

/** A hook acts like an editor of its workspace. */
function accessOf(hook: HookRecord): Access {
  return {
    actor: { kind: 'system', id: idFromUuid('hook', hook.id), name: hook.name },
    workspaceId: idFromUuid('ws', hook.workspaceId),
    role: 'editor',
    permissions: permissionsOf('editor'),
  };
}
