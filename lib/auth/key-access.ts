import { createLog } from '#lib/base/log.ts';
import { findUsableKey, type KeyRecord, touchKey } from '#lib/db/keys.ts';
import type { Access } from './access.ts';
import { hashApiKey } from './api-key.ts';
import { readScopes, roleFor } from './roles.ts';

/** How long a key is believed without asking the database again, in milliseconds; a revoke elsewhere counts after it. */
const TRUST_MS = 1000;
const TOUCH_MS = 60_000;
const MOST_KEYS = 1000;
const log = createLog({ part: 'auth' });

interface Known {
  readonly access: Access;
  readonly expiresAt: number;
  readonly trustedUntil: number;
  touchAt: number;
}

const registry = globalThis as {
  weftlineKeys?: Map<string, Known>;
  weftlineKeyLookups?: Map<string, Promise<Access | null>>;
  weftlineForgotten?: number;
};

function known(): Map<string, Known> {
  registry.weftlineKeys ??= new Map();
  return registry.weftlineKeys;
}

/**
 * Access of an API key, null where it is unknown, revoked or expired. Costs one hash, and one indexed look-up unless
 * the key was seen in the last second; keys are looked up by hash, so timing tells nothing of their text.
 */
export async function accessOfKey(key: string, now: number = Date.now()): Promise<Access | null> {
  const hash = hashApiKey(key);
  const cached = known().get(hash);
  if (cached !== undefined && cached.trustedUntil > now) {
    if (cached.expiresAt <= now) return null;
    touch(cached, now);
    return cached.access;
  }
  // Calls that come together ask once.
  registry.weftlineKeyLookups ??= new Map();
  const lookups = registry.weftlineKeyLookups;
  let lookup = lookups.get(hash);
  if (lookup === undefined) {
    lookup = lookUp(hash, cached?.touchAt ?? 0, now).finally(() => lookups.delete(hash));
    lookups.set(hash, lookup);
  }
  return lookup;
}

async function lookUp(hash: string, touchAt: number, now: number): Promise<Access | null> {
  const forgotten = registry.weftlineForgotten ?? 0;
  const record = await findUsableKey(hash, new Date(now));
  if (record === null) {
    known().delete(hash);
    return null;
  }
  const entry: Known = {
    access: toAccess(record),
    expiresAt: record.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
    trustedUntil: now + TRUST_MS,
    touchAt,
  };
  touch(entry, now);
  // A key that was revoked while it was looked up is not remembered.
  if (forgotten === (registry.weftlineForgotten ?? 0)) {
    if (known().size >= MOST_KEYS) known().clear();
    known().set(hash, entry);
  }
  return entry.access;
}

/** Makes this process ask the database about a key again; called when it is revoked. */
export function forgetKey(hash: string): void {
  known().delete(hash);
  registry.weftlineKeyLookups?.delete(hash);
  registry.weftlineForgotten = (registry.weftlineForgotten ?? 0) + 1;
}

function toAccess(record: KeyRecord): Access {
  const permissions = readScopes(record.scopes);
  return {
    actor: { kind: 'key', id: record.id, name: record.name },
    workspaceId: record.workspaceId,
    role: roleFor(permissions),
    permissions,
  };
}

/** Notes the use at most once a minute, without making the call wait for it. */
function touch(entry: Known, now: number): void {
  if (entry.touchAt > now) return;
  entry.touchAt = now + TOUCH_MS;
  touchKey(entry.access.actor.id, new Date(now)).catch((error: unknown) => log.warn('use of a key could not be noted', { error }));
}
