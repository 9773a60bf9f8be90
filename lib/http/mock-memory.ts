import type { Json, JsonObject } from '#lib/base/json.ts';

/** What the mock server remembers: little, bounded, and lost with the process. */

export interface Delivery {
  readonly id: number;
  readonly received_at: string;
  readonly key: string;
  readonly method: string;
  readonly headers: JsonObject;
  readonly body: Json;
}

interface MockMemory {
  /** Calls of `/mock/flaky` by key, least recently used first. */
  readonly calls: Map<string, number>;
  /** Newest last. */
  readonly deliveries: Delivery[];
  lastDelivery: number;
}

const MAX_KEYS = 1_000;
const MAX_DELIVERIES = 100;
const MEMORY = Symbol.for('weftline.mock-server');
const registry = globalThis as unknown as Record<symbol, MockMemory | undefined>;

function memory(): MockMemory {
  registry[MEMORY] ??= { calls: new Map(), deliveries: [], lastDelivery: 0 };
  return registry[MEMORY];
}

/** Counts a call of the key and says which it is, from 1. Of 1,000 keys the least recently used is forgotten. */
export function countCall(key: string): number {
  const { calls } = memory();
  const count = (calls.get(key) ?? 0) + 1;
  calls.delete(key);
  calls.set(key, count);
  if (calls.size > MAX_KEYS) calls.delete(calls.keys().next().value as string);
  return count;
}

/** Keeps a delivery; of 100 the oldest is forgotten. */
export function keepDelivery(delivery: Omit<Delivery, 'id' | 'received_at'>): Delivery {
  const kept = memory();
  kept.lastDelivery += 1;
  const entry = { id: kept.lastDelivery, received_at: new Date().toISOString(), ...delivery };
  kept.deliveries.push(entry);
  if (kept.deliveries.length > MAX_DELIVERIES) kept.deliveries.shift();
  return entry;
}

/** The kept deliveries, newest first; with a key, those of the key. */
export function listDeliveries(key: string | undefined): Delivery[] {
  return memory()
    .deliveries.filter((delivery) => key === undefined || delivery.key === key)
    .toReversed();
}
