import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { createLog } from '#lib/base/log.ts';
import { abandonKey, claimKey, type IdempotentCall, keepAnswer, releaseKey } from '#lib/db/idempotency.ts';
import { workspaceUuid } from './workspace-uuid.ts';

const KEEP_MS = 24 * 3_600_000;
/** A call that gave no answer for so long, in milliseconds, died with its process. */
const ABANDONED_MS = 60_000;
/** Operations whose answer must not be stored, because it holds a secret that is shown once. */
const NEVER_KEPT = new Set(['createKey', 'createHook', 'rotateHook']);
const log = createLog({ part: 'idempotency' });

/**
 * Does something once for each `Idempotency-Key` of a workspace and operation: a repetition within 24 hours gets the
 * first answer. Throws `conflict` where the key came with another body, or where the first call is still under way. A
 * call that was refused leaves no trace. `bodyHash` is of all that was asked for, path and query included. `run` gets a
 * name for this call that its repetition gets too when the first died half-way: what is made under it is made once.
 */
export async function withIdempotency<T>(
  access: Access,
  key: string,
  operation: string,
  bodyHash: string,
  run: (onceKey: string) => Promise<T>,
): Promise<T> {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new AppError('bad_request', 'An Idempotency-Key holds 1 to 255 visible ASCII characters.');
  }
  const call: IdempotentCall = { workspaceUuid: workspaceUuid(access), operation, key, requestHash: bodyHash };
  const claim = await claimKey(call, { keepMs: KEEP_MS, abandonedMs: ABANDONED_MS });
  if (!claim.mine) {
    if (claim.requestHash !== bodyHash) throw new AppError('conflict', 'This Idempotency-Key was already used for another request.');
    if (!claim.done) throw new AppError('conflict', 'The first call with this Idempotency-Key is still under way. Try again in a moment.');
    if (NEVER_KEPT.has(operation)) throw new AppError('conflict', 'This was already done; its answer held a secret and was not kept.');
    return claim.answer as T;
  }
  const answer = await run(`${key}@${claim.term}`).catch(async (thrown: unknown) => {
    // A refusal did nothing; of a failure (a cut connection, say) nobody knows.
    const giveBack = thrown instanceof AppError ? releaseKey : abandonKey;
    await giveBack(call).catch((error: unknown) => log.warn('an idempotency key could not be given back', { error }));
    throw thrown;
  });
  // It is done, whatever becomes of its record: a refusal now would make the caller do it again.
  await keepAnswer(call, NEVER_KEPT.has(operation) ? null : answer).catch((error: unknown) => {
    log.error('an answer could not be kept for its idempotency key', { error, operation });
  });
  return answer;
}
