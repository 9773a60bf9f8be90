import { createHash, randomBytes } from 'node:crypto';
import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { idFromUuid } from '#lib/base/ids.ts';
import type { Hook, HookCall } from '#lib/contracts/hooks.ts';
import type { CallRecord } from '#lib/db/hook-calls.ts';
import { findHook, type HookAddress, type HookRecord } from '#lib/db/hooks.ts';
import { loadWorkflow, workflowUuid } from './load-workflow.ts';

/** A fresh address: 32 random bytes, of which the database keeps a hash. */
export function newAddress(): { readonly path: string; readonly stored: HookAddress } {
  const token = randomBytes(32).toString('base64url');
  return { path: `/hooks/${token}`, stored: { tokenHash: hashToken(token), tokenHint: token.slice(-4) } };
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Where a hook's secret is sealed for. */
export function hookPlace(hookUuid: string): string {
  return `hook:${hookUuid}`;
}

export function noHook(): AppError {
  return new AppError('not_found', 'There is no such hook.');
}

/** A hook of a workflow of the caller's workspace; throws `not_found`. */
export async function loadHook(access: Access, params: { readonly id: string; readonly hook_id: string }): Promise<HookRecord> {
  await loadWorkflow(access, params.id);
  const hook = await findHook(workflowUuid(params.id), params.hook_id);
  if (hook === null) throw noHook();
  return hook;
}

export function hookView(hook: HookRecord): Hook {
  const listening = hook.listenUntil !== null && hook.listenUntil.getTime() > Date.now();
  return {
    id: idFromUuid('hook', hook.id),
    workflow_id: idFromUuid('wf', hook.workflowId),
    name: hook.name,
    url_hint: hook.tokenHint,
    enabled: hook.enabled,
    action: hook.action as Hook['action'],
    event_type: hook.eventType,
    answer: hook.answer as Hook['answer'],
    answer_seconds: hook.answerSeconds,
    signature: hook.signature as Hook['signature'],
    signature_header: hook.signatureHeader,
    has_secret: hook.sealedSecret !== null,
    dedupe_header: hook.dedupeHeader,
    listening_until: listening ? (hook.listenUntil?.toISOString() ?? null) : null,
    created_by: hook.createdBy,
    created_at: hook.createdAt.toISOString(),
    last_used_at: hook.lastUsedAt?.toISOString() ?? null,
  };
}

export function callView(call: CallRecord): HookCall {
  return {
    id: idFromUuid('call', call.id),
    method: call.method,
    size: call.size,
    outcome: call.outcome as HookCall['outcome'],
    reason: call.reason,
    run_ids: call.runIds.map((uuid) => idFromUuid('run', uuid)),
    received_at: call.receivedAt.toISOString(),
  };
}
