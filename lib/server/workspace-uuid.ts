import type { Access } from '#lib/auth/access.ts';
import { uuidFromId } from '#lib/base/ids.ts';

/** The database's form of the workspace that a call works in. */
export function workspaceUuid(access: Access): string {
  const uuid = uuidFromId('ws', access.workspaceId);
  if (uuid === null) throw new Error(`'${access.workspaceId}' is no workspace id`);
  return uuid;
}
