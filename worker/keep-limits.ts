import type { Log } from '#lib/base/log.ts';
import { orphanedChildren } from '#lib/db/children.ts';
import { requestCancel } from '#lib/db/control-runs.ts';
import { evictOldest, sweepLimits } from '#lib/db/limits.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';

/** The net under the limits: what a crash between two transactions left undone is done here. */
export async function keepLimits(catalog: StepCatalog, log: Log): Promise<void> {
  const wrong = await sweepLimits();
  if (wrong > 0) log.warn('Slots of limits were held by nobody and are free again', { slots: wrong });
  for (const { workspaceId, runId } of await evictOldest(null)) await requestCancel({ workspaceId, runId, catalog });
}

/** Cancels runs whose parent has ended without them: who ended it died before it could tell them. */
export async function keepFamilies(catalog: StepCatalog): Promise<void> {
  for (const { workspaceId, runId } of await orphanedChildren(MOST_ORPHANS)) await requestCancel({ workspaceId, runId, catalog });
}

const MOST_ORPHANS = 200;
