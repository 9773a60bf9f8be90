import type { Access } from '#lib/auth/access.ts';
import type { Place } from '#lib/db/control-runs.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';

/** A run of the caller's workspace, and who asks. */
export function placeOf(access: Access, runId: string): Place {
  return { workspaceId: access.workspaceId, runId, catalog: stepCatalog, actor: access.actor };
}
