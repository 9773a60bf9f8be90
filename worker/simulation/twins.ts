import { CLAIM_TWINS } from './claim-twins.ts';
import { JOURNAL_TWINS } from './journal-twins.ts';
import { LIMIT_TWINS } from './limit-twins.ts';
import { MAIL_TWINS } from './mail-twins.ts';
import { RUN_TWINS } from './run-twins.ts';
import type { Twin } from './statement.ts';

const TWINS = [...JOURNAL_TWINS, ...MAIL_TWINS, ...CLAIM_TWINS, ...LIMIT_TWINS, ...RUN_TWINS];
/** Tables of whose statements every one must be known. */
const SIMULATED = /\b(run|run_event|wait|inbox|inbox_key|limit_slot)\b/;
/** Housekeeping that finds nothing to do in the minutes that a simulation takes. */
const IDLE =
  /\b(schedule|schedule_fire|blob|blob_use|definition|hook_call|idempotency|ensure_partitions|expires_at|advisory_lock|audit)\b|^delete from worker where status <> 'alive'|^\s*with recursive seen as/;

const resolved = new Map<string, Twin | null>();

/** What a statement means, by its prepared name or its text; null for housekeeping, which finds nothing to do. */
export function twinOf(text: string, name: string | undefined): Twin | null {
  const key = name ?? text;
  let twin = resolved.get(key);
  if (twin === undefined) {
    twin = TWINS.find(({ of }) => (typeof of === 'string' ? of === name : of.test(name ?? text))) ?? null;
    twin ??= TWINS.find(({ of }) => typeof of !== 'string' && of.test(text)) ?? null;
    if (twin === null && SIMULATED.test(text) && !IDLE.test(text))
      throw new Error(`The simulated database does not know this statement; give it a twin in worker/simulation: ${text}`);
    resolved.set(key, twin);
  }
  return twin;
}
