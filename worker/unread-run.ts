import type { ClaimedRun } from '#lib/db/claims.ts';
import { append } from '#lib/db/journal.ts';
import { forgetWaits } from '#lib/db/waits.ts';

/** Ends a run whose journal cannot be folded, because its definition is not there or is of no version that we know. */
export async function failUnread(workerId: string, claim: ClaimedRun): Promise<void> {
  const at = Date.now();
  const error = { code: 'DEFINITION_UNREADABLE', message: 'The definition of this run cannot be read' };
  const data = { status: 'failed', output: null, error, duration_seconds: 0 } as const;
  const row = { seq: claim.lastSeq + 1, type: 'run_completed', step: null, attempt: null, at, data } as const;
  const head = {
    status: 'failed',
    startedAt: null,
    completedAt: at,
    output: null,
    error,
    progress: 0,
    wakeAt: null,
    deadline: null,
  } as const;
  const { id: runId, epoch, lastSeq: baseSeq, control: taken, limited, reports, mail } = claim;
  const quiet = { release: true, mail, removesMail: true, waits: { opened: [], closed: [] } };
  await append(workerId, [{ runId, epoch, baseSeq, rows: [row], head, taken, limited, reports, ...quiet }]);
  await forgetWaits(runId);
}
