import { AppError } from '#lib/base/errors.ts';
import type { Role } from '#lib/contracts/account.ts';
import type { Permission } from '#lib/contracts/contract.ts';
import { permissionsOf } from './roles.ts';

/** Who acts. `id` is a `user_…` or `key_…`, `name` is what lists show as author. */
export interface Actor {
  readonly kind: 'user' | 'key' | 'system';
  readonly id: string;
  readonly name: string;
}

/** Who acts, in which workspace, and what they may do there. Asked once per request, handed to every use case. */
export interface Access {
  readonly actor: Actor;
  /** `ws_…` */
  readonly workspaceId: string;
  readonly role: Role;
  readonly permissions: ReadonlySet<Permission>;
}

/** Access of the product itself, for what no person asked for: schedules, the first start. */
export function systemAccess(workspaceId: string): Access {
  return { actor: { kind: 'system', id: 'system', name: 'Weftline' }, workspaceId, role: 'owner', permissions: permissionsOf('owner') };
}

/** Throws `forbidden` where the permission is missing. */
export function requirePermission(access: Access, permission: Permission): void {
  if (access.permissions.has(permission)) return;
  throw new AppError('forbidden', `This needs the permission ${permission}, which ${access.actor.name} does not have.`);
}
