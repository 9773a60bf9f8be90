import type { ClaimedRun } from '#lib/db/claims.ts';
import { forgetCrashes } from '#lib/db/crashes.ts';
import type { Runtime } from './runtime.ts';

/** What to do when a run has got on whose last owners died; null for a run of which none did. */
export function progressAfterCrashes({ flusher, log, onProgress }: Runtime, claim: ClaimedRun): (() => void) | null {
  if (claim.crashes === 0) return null;
  return () => {
    forgetCrashes(flusher.workerId, claim).catch((error) => log.debug('The crashes of a run could not be forgotten', { error }));
    onProgress(claim.id);
  };
}
