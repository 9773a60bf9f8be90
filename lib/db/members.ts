import { idFromUuid } from '#lib/base/ids.ts';
import { database } from './client.ts';

/** One person's place in one workspace. */
export interface Membership {
  /** `ws_…` */
  readonly workspaceId: string;
  readonly workspaceName: string;
  readonly workspaceSlug: string;
  readonly role: string;
}

/** Uuid of the workspace that a person joined first, or null. */
export async function firstWorkspaceOf(userUuid: string): Promise<string | null> {
  const member = await database().member.findFirst({
    where: { userId: userUuid },
    orderBy: { id: 'asc' },
    select: { organizationId: true },
  });
  return member?.organizationId ?? null;
}

/** The membership in the active workspace; where that is none (any more), the first one; null for a person without. */
export async function membershipOf(userUuid: string, activeWorkspace: string | null): Promise<Membership | null> {
  const members = await database().member.findMany({
    where: { userId: userUuid },
    orderBy: { id: 'asc' },
    select: { role: true, organizationId: true, workspace: { select: { name: true, slug: true } } },
  });
  const member = members.find((candidate) => candidate.organizationId === activeWorkspace) ?? members[0];
  if (member === undefined) return null;
  return {
    workspaceId: idFromUuid('ws', member.organizationId),
    workspaceName: member.workspace.name,
    workspaceSlug: member.workspace.slug,
    role: member.role,
  };
}
