import pg from 'pg';
import { idFromUuid } from '#lib/base/ids.ts';
import { createLog } from '#lib/base/log.ts';
import { databaseUrl, longLived, relaxedPool } from './client.ts';

/**
 * Hints between processes over PostgreSQL's LISTEN/NOTIFY. A hint says "look"; what there is to see is always read from
 * the tables, so a lost hint costs time (readers also look once a second) and never data.
 *
 * One connection of a process listens for all its subscribers. When it is cut it is opened again, with growing pauses,
 * and every subscriber gets a hint, because something may have been missed.
 */
export const RUN_CHANNEL = 'weftline_run';
export const QUEUE_CHANNEL = 'weftline_queue';
export const CONTROL_CHANNEL = 'weftline_control';
/** A schedule was changed, or a run of one ended. The database sends the latter itself: see migration 0050. */
export const SCHEDULE_CHANNEL = 'weftline_schedule';
/** A draft was changed (the database says so: see migration 0125), or somebody opened or left one. */
export const DRAFT_CHANNEL = 'weftline_draft';
type Channel = typeof RUN_CHANNEL | typeof QUEUE_CHANNEL | typeof CONTROL_CHANNEL | typeof SCHEDULE_CHANNEL | typeof DRAFT_CHANNEL;

/** In place of ids: more runs changed than a message holds. */
const EVERYTHING = '*';
/** A message holds less than 8,000 bytes; an id takes 33. */
const MAX_IDS = 200;
const FEW_IDS = 4;
const RETRY_MS = [50, 200, 1000, 3000] as const;
const log = createLog({ part: 'notify' });

/** Gets a message's text, or null where some may have been missed. */
type Listener = (payload: string | null) => void;

class Hub {
  readonly #url: string;
  readonly #listeners = new Map<Channel, Set<Listener>>();
  #client: pg.Client | null = null;
  #opening: Promise<void> | null = null;
  #failures = 0;
  #closed = false;

  constructor(url: string) {
    this.#url = url;
  }

  get url(): string {
    return this.#url;
  }

  listen(channel: Channel, listener: Listener): () => void {
    let listeners = this.#listeners.get(channel);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(channel, listeners);
      if (this.#client) void this.#client.query(`listen ${channel}`).catch(() => {});
    }
    listeners.add(listener);
    void this.ready();
    return () => listeners.delete(listener);
  }

  /** Resolves when the connection stands; never rejects. */
  ready(): Promise<void> {
    if (this.#client !== null || this.#closed) return Promise.resolve();
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }

  async #open(): Promise<void> {
    while (!this.#closed) {
      const client = new pg.Client(longLived(this.#url));
      // A cut connection reports itself twice; only the client in use counts, so the second one changes nothing.
      const lost = () => {
        if (this.#client !== client) return;
        this.#client = null;
        void client.end().catch(() => {});
        void this.ready();
      };
      client.on('error', lost);
      client.on('end', lost);
      client.on('notification', ({ channel, payload }) => this.#tell(channel as Channel, payload ?? ''));
      try {
        await client.connect();
        for (const channel of this.#listeners.keys()) await client.query(`listen ${channel}`);
        this.#client = client;
        // A channel that was added meanwhile.
        for (const channel of this.#listeners.keys()) await client.query(`listen ${channel}`);
        for (const channel of this.#listeners.keys()) this.#tell(channel, null);
        this.#failures = 0;
        return;
      } catch (error) {
        client.end().catch(() => {});
        const pause = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 3000;
        this.#failures++;
        if (this.#failures === 3) log.warn('The connection for hints cannot be opened; looking again and again', { error });
        await new Promise((resolve) => setTimeout(resolve, pause).unref());
      }
    }
  }

  #tell(channel: Channel, payload: string | null): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener(payload);
  }
}

interface RunHints {
  readonly hub: Hub;
  readonly byRun: Map<string, Set<() => void>>;
}

const registry = globalThis as typeof globalThis & { weftlineHub?: Hub | undefined; weftlineRunHints?: RunHints | undefined };

function hub(): Hub {
  const url = databaseUrl();
  if (registry.weftlineHub?.url !== url) {
    void registry.weftlineHub?.close();
    registry.weftlineHub = new Hub(url);
  }
  return registry.weftlineHub;
}

/** Calls `listener` for each message of a channel, until the answer is called. */
export function listen(channel: Channel, listener: Listener): () => void {
  return hub().listen(channel, listener);
}

/** Resolves when the process's listening connection stands. */
export function listening(): Promise<void> {
  return hub().ready();
}

/** Ends the listening connection. */
export async function stopListening(): Promise<void> {
  const open = registry.weftlineHub;
  registry.weftlineHub = undefined;
  registry.weftlineRunHints = undefined;
  await open?.close();
}

/**
 * Calls `onHint` when a run may have new events; the caller reads them. Call it before the first read, so that nothing
 * falls between. The answer ends the subscription.
 */
export function subscribeRun(runId: string, onHint: () => void): () => void {
  const hints = runHints();
  const known = hints.byRun.get(runId);
  const listeners = known ?? new Set();
  if (known === undefined) hints.byRun.set(runId, listeners);
  listeners.add(onHint);
  return () => {
    listeners.delete(onHint);
    if (listeners.size === 0 && hints.byRun.get(runId) === listeners) hints.byRun.delete(runId);
  };
}

function runHints(): RunHints {
  const current = hub();
  if (registry.weftlineRunHints?.hub === current) return registry.weftlineRunHints;
  const byRun: RunHints['byRun'] = new Map();
  current.listen(RUN_CHANNEL, (payload) => {
    if (byRun.size === 0) return;
    const ids = payload === null || payload === EVERYTHING ? byRun.keys() : payload.split(',');
    for (const id of ids) for (const onHint of byRun.get(id.startsWith('run_') ? id : `run_${id}`) ?? []) onHint();
  });
  registry.weftlineRunHints = { hub: current, byRun };
  return registry.weftlineRunHints;
}

/**
 * Tells readers that runs have new events. Gathers ids while the previous message is under way and, where that one was of
 * many runs, for some milliseconds after it: a commit with NOTIFY takes a lock of the whole server. With few runs under
 * way nothing is gained by a pause, and the end of a run would be seen that much later.
 */
export class RunNotifier {
  readonly #pause: number;
  readonly #changed = new Set<string>();
  #busy = false;

  /** `pause`: milliseconds behind a message of many runs. */
  constructor(pause = 5) {
    this.#pause = pause;
  }

  /** `uuids` of runs. */
  notify(uuids: Iterable<string>): void {
    for (const uuid of uuids) this.#changed.add(uuid);
    if (this.#busy || this.#changed.size === 0) return;
    this.#busy = true;
    setImmediate(() => void this.#send());
  }

  async #send(): Promise<void> {
    while (this.#changed.size > 0) {
      const many = this.#changed.size > FEW_IDS;
      const payload =
        this.#changed.size > MAX_IDS
          ? EVERYTHING
          : [...this.#changed].map((uuid) => idFromUuid('run', uuid).slice('run_'.length)).join(',');
      this.#changed.clear();
      try {
        await relaxedPool().query({ name: 'notify', text: 'select pg_notify($1, $2)', values: [RUN_CHANNEL, payload] });
      } catch (error) {
        log.debug('A hint was lost', { error });
      }
      if (many) await new Promise((resolve) => setTimeout(resolve, this.#pause));
    }
    this.#busy = false;
  }
}

const notifiers = globalThis as typeof globalThis & { weftlineNotifier?: RunNotifier };

/** The process's notifier. */
export function notifyRuns(uuids: Iterable<string>): void {
  notifiers.weftlineNotifier ??= new RunNotifier();
  notifiers.weftlineNotifier.notify(uuids);
}
