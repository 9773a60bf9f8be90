import type { Log } from '#lib/base/log.ts';
import { orphanedChildren, untoldChildren } from '#lib/db/children.ts';
import { requestCancel, requestHold, requestRelease } from '#lib/db/control-runs.ts';
import { evictOldest, sweepLimits } from '#lib/db/limits.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';

/** The net under the limits: what a crash between two transactions left undone is done here. */
export async function keepLimits(catalog: StepCatalog, log: Log): Promise<void> {
  const wrong = await sweepLimits();
  if (wrong > 0) log.warn('Slots of limits were held by nobody and are free again', { slots: wrong });
  for (const { workspaceId, runId } of await evictOldest(null)) await requestCancel({ workspaceId, runId, catalog });
}

/** What became of a run goes down to those it waits for, where who had to tell them died before: its end, a pause, a resume. */
export async function keepFamilies(catalog: StepCatalog): Promise<void> {
  for (const { wish, ...child } of await untoldChildren(MOST_ORPHANS))
    await (wish === 'pause' ? requestHold : requestRelease)({ ...child, catalog });
  for (const { workspaceId, runId } of await orphanedChildren(MOST_ORPHANS)) await requestCancel({ workspaceId, runId, catalog });
}

const MOST_ORPHANS = 200;
