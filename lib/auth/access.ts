import type { Role } from '#lib/contracts/account.ts';
import type { Permission } from '#lib/contracts/contract.ts';

/** Who acts. `id` is a `user_…` or `key_…`, `name` is what lists show as author. */
interface Actor {
  readonly kind: 'user' | 'key' | 'system';
  readonly id: string;
  readonly name: string;
  /** Of a person. */
  readonly email?: string;
}

/** Who acts, in which workspace, and what they may do there. Asked once per request, handed to every use case. */
export interface Access {
  readonly actor: Actor;
  /** `ws_…` */
  readonly workspaceId: string;
  readonly role: Role;
  readonly permissions: ReadonlySet<Permission>;
}
