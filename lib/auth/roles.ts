import type { Role } from '#lib/contracts/account.ts';
import { PERMISSIONS, type Permission } from '#lib/contracts/contract.ts';

/** What each role may do: the one table. Owner and admin differ in who may change the owner, not in these. */
const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(PERMISSIONS),
  admin: new Set(PERMISSIONS),
  editor: new Set(['workflows:read', 'workflows:write', 'runs:read', 'runs:write', 'agents:manage']),
  viewer: new Set(['workflows:read', 'runs:read']),
};

/** Roles from the least to the most powerful. */
const WEAKEST_FIRST: readonly Role[] = ['viewer', 'editor', 'admin'];

export function permissionsOf(role: Role): ReadonlySet<Permission> {
  return ROLE_PERMISSIONS[role];
}

/** The role that a stored word names; a word from a newer release counts as the weakest. */
export function readRole(stored: string): Role {
  return Object.hasOwn(ROLE_PERMISSIONS, stored) ? (stored as Role) : 'viewer';
}

/** Scopes of a stored key that this release knows. */
export function readScopes(stored: readonly string[]): ReadonlySet<Permission> {
  return new Set(PERMISSIONS.filter((permission) => stored.includes(permission)));
}

/** The weakest role that may do all of this; an API key is shown with it. */
export function roleFor(permissions: ReadonlySet<Permission>): Role {
  return WEAKEST_FIRST.find((role) => [...permissions].every((permission) => ROLE_PERMISSIONS[role].has(permission))) ?? 'admin';
}
