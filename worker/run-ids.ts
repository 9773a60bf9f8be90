import { idFromUuid } from '#lib/base/ids.ts';
import type { ClaimedRun } from '#lib/db/claims.ts';

/** Wire ids of a run and what it belongs to. */
export interface RunIds {
  readonly runId: string;
  readonly workflowId: string;
  readonly workspaceId: string;
}

export function idsOf(claim: Pick<ClaimedRun, 'id' | 'workflowId' | 'workspaceId'>): RunIds {
  return {
    runId: idFromUuid('run', claim.id),
    workflowId: idFromUuid('wf', claim.workflowId),
    workspaceId: idFromUuid('ws', claim.workspaceId),
  };
}
