import { AppError } from '#lib/base/errors.ts';
import type { BodyOf } from '#lib/contracts/contract.ts';
import type { createHook, updateHook } from '#lib/contracts/hooks.ts';
import type { HookSettings } from '#lib/db/hooks.ts';
import { hookPlace } from './hook-view.ts';
import { seal } from './seal.ts';

/** What of a hook a call sets, in the database's words. A secret is sealed for this hook alone. */
export function hookSettings(body: BodyOf<typeof createHook> | BodyOf<typeof updateHook>, hookUuid: string): Partial<HookSettings> {
  const changes: Partial<HookSettings> = {};
  if (body.name !== undefined) changes.name = body.name;
  if (body.enabled !== undefined) changes.enabled = body.enabled;
  if (body.action !== undefined) changes.action = body.action;
  if (body.event_type !== undefined) changes.eventType = body.event_type;
  if (body.answer !== undefined) changes.answer = body.answer;
  if (body.answer_seconds !== undefined) changes.answerSeconds = body.answer_seconds;
  if (body.signature !== undefined) changes.signature = body.signature;
  if (body.signature_header !== undefined) changes.signatureHeader = body.signature_header;
  if (body.dedupe_header !== undefined) changes.dedupeHeader = body.dedupe_header;
  if (body.secret !== undefined) changes.sealedSecret = body.secret === null ? null : seal(body.secret, hookPlace(hookUuid));
  return changes;
}

/** Refuses settings that cannot work together. */
export function requireConsistent(
  settings: Pick<HookSettings, 'action' | 'eventType' | 'signature' | 'signatureHeader' | 'sealedSecret'>,
): void {
  if (settings.action === 'event' && settings.eventType === null)
    throw refused('/event_type', 'A hook that delivers events needs their type');
  if (settings.signature === 'none') return;
  if (settings.sealedSecret === null) throw refused('/secret', 'Signatures are checked with a secret: give one');
  if (settings.signature === 'hmac' && settings.signatureHeader === null)
    throw refused('/signature_header', 'Name the header that carries the signature');
}

function refused(path: string, message: string): AppError {
  return new AppError('validation_error', message, { details: [{ path, code: 'hook_settings', message }] });
}
