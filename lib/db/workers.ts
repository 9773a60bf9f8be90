import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { uuidv7 } from '#lib/base/ids.ts';
import { ENGINE_VERSION } from '#lib/engine/version.ts';
import { letGoOf, letGoUnknown } from './claims.ts';
import { databaseUrl, isLocal, longLived, pool, relaxedPool } from './client.ts';
import { BEGINNINGS_SQL } from './crashes.ts';
import { WAKE_TASK } from './dispatcher.ts';
import { QUEUE_CHANNEL } from './notify.ts';
import { transaction } from './transaction.ts';

/** Milliseconds a worker may be silent before its runs are taken over, on the database's own host and over a network. */
const LOCAL_LEASE_MS = 4000;
const NETWORK_LEASE_MS = 8000;
/** Heartbeats of one lease. */
const BEATS = 4;

/** Milliseconds of a worker's lease: `WORKER_LEASE_MS`, else by where the database is. */
export function leaseMs(): number {
  const wanted = Number(process.env.WORKER_LEASE_MS ?? '');
  if (Number.isInteger(wanted) && wanted >= 400) return wanted;
  return isLocal(databaseUrl()) ? LOCAL_LEASE_MS : NETWORK_LEASE_MS;
}

/** Milliseconds between heartbeats. */
export function heartbeatMs(): number {
  return leaseMs() / BEATS;
}

/** What the lease asks of a connection of its own. */
export interface LockClient {
  on(event: 'error' | 'end', listener: () => void): unknown;
  connect(): Promise<unknown>;
  query(text: string, values: readonly unknown[]): Promise<unknown>;
  end(): Promise<void>;
}

function openLockClient(): LockClient {
  const client = new pg.Client(longLived(databaseUrl()));
  return {
    on: (event, listener) => client.on(event as 'end', listener),
    connect: () => client.connect(),
    query: (text, values) => client.query(text, [...values]),
    end: () => client.end(),
  };
}

/**
 * A worker's life in the database: a row with a lease, and a connection that holds a session advisory lock. The lock goes
 * at once when the process dies; the lease goes when it hangs. A cut connection alone kills nobody.
 */
export class WorkerLease {
  readonly id = uuidv7();
  readonly #lockKey = randomBytes(8).readBigInt64LE() >> 1n;
  readonly #open: () => LockClient;
  #client: LockClient | null = null;
  #ended = false;
  #lease = LOCAL_LEASE_MS;
  /** When the newest heartbeat that was taken was sent, by the clock that no jump moves. */
  #heldSince = Number.NEGATIVE_INFINITY;
  #waiting: (() => void)[] = [];

  /** `open` makes the connection that holds the lock. */
  constructor(open: () => LockClient = openLockClient) {
    this.#open = open;
  }

  /** Makes the row. `poolId` is graphile-worker's name for the process's job locks. */
  async register(options: {
    name: string;
    queues: readonly string[];
    slots: number;
    engine?: number;
    poolId: string | null;
  }): Promise<void> {
    const { name, queues, slots, engine = ENGINE_VERSION, poolId } = options;
    await this.#hold();
    this.#lease = leaseMs();
    const sent = performance.now();
    await pool().query(
      `insert into worker (id, name, queues, slots, engine, lock_key, pool_id, lease_until)
        values ($1, $2, $3, $4, $5, $6, $7, now() + $8 * interval '1 ms')`,
      [this.id, name, queues, slots, engine, this.#lockKey.toString(), poolId, leaseMs()],
    );
    this.#prolong(sent);
  }

  async setPoolId(poolId: string): Promise<void> {
    await pool().query('update worker set pool_id = $2 where id = $1', [this.id, poolId]);
  }

  /**
   * Prolongs the lease. False: the worker was declared dead and must stop at once. Throws where the database has not answered
   * by the next beat: a connection through a cut network gives no error for minutes.
   */
  async beat(): Promise<boolean> {
    const sent = performance.now();
    const statement = {
      name: 'heartbeat',
      query_timeout: heartbeatMs(),
      text: `update worker set heartbeat_at = now(), lease_until = now() + $2 * interval '1 ms' where id = $1 and status = 'alive'`,
      values: [this.id, leaseMs()],
    };
    const { rowCount } = await relaxedPool().query(statement);
    if (rowCount === 1) this.#prolong(sent);
    return rowCount === 1;
  }

  /**
   * Calls `go` when it is certain that this worker's runs are its own: at once as a rule, after the next heartbeat where the
   * process was stopped or cut off for as long as others have patience. What it had begun before is not undone by that, but
   * nothing begins that another worker may have done meanwhile.
   */
  whenHeld(go: () => void): void {
    // Others look at the heartbeat sooner where the lock is gone.
    const patience = this.#client === null ? (this.#lease / BEATS) * 1.5 : this.#lease;
    if (performance.now() - this.#heldSince < patience) go();
    else this.#waiting.push(go);
  }

  #prolong(sent: number): void {
    this.#heldSince = sent;
    for (const go of this.#waiting.splice(0)) go();
  }

  /**
   * Ends the worker in good order and gives back what it could not: what it has still under way in the database is written
   * before, or never.
   */
  async end(): Promise<void> {
    this.#ended = true;
    await transaction(async (client) => {
      await letGoUnknown(client, this.id, []);
      await client.query(`update worker set status = 'stopped', lease_until = now() where id = $1 and status = 'alive'`, [this.id]);
      // What was given back, here or by its drain, goes on at once elsewhere.
      await client.query(`select pg_notify('${QUEUE_CHANNEL}', 'returned')`);
    });
    await this.#client?.end().catch(() => {});
  }

  async #hold(): Promise<void> {
    const client = this.#open();
    const lost = () => {
      if (this.#client !== client || this.#ended) return;
      this.#client = null;
      void this.#holdAgain();
    };
    client.on('error', lost);
    client.on('end', lost);
    await client.connect();
    await client.query('select pg_advisory_lock($1)', [this.#lockKey.toString()]);
    this.#client = client;
  }

  async #holdAgain(): Promise<void> {
    while (!this.#ended && this.#client === null) {
      await this.#hold().catch(() => new Promise((resolve) => setTimeout(resolve, 100)));
    }
  }
}

export interface Reaped {
  readonly workers: readonly string[];
  /** Uuids of runs that were given back. */
  readonly runs: readonly string[];
}

// Each worker's own pace counts, which its lease tells: 1.5 heartbeats are three eighths of it.
// `for update` waits for nobody: another reaper has the row, and does the same. The claims of the dead worker lock its row
// for key share, so after this no claim of its can come.
const FIND_DEAD = `
select id, pool_id from worker w
where status = 'alive' and id is distinct from $1 and (
  lease_until < now()
  or (w.lock_key is not null and heartbeat_at + (lease_until - heartbeat_at) * 0.375 < now() and not exists (
    select from pg_locks l where l.locktype = 'advisory' and l.granted and l.objsubid = 1
      and l.database = (select oid from pg_database where datname = current_database())
      and l.classid::bigint = (w.lock_key >> 32) & 4294967295 and l.objid::bigint = w.lock_key & 4294967295)))
for update skip locked`;

/** Declares workers dead whose lease is over, or whose lock is gone and heartbeat late, and gives their runs back. */
export async function reapWorkers(reaperId: string | null): Promise<Reaped> {
  const { rows: suspects } = await relaxedPool().query<{ id: string }>(FIND_DEAD.replace('for update skip locked', ''), [reaperId]);
  if (suspects.length === 0) return { workers: [], runs: [] };
  return transaction(async (client) => {
    const { rows: dead } = await client.query<{ id: string; pool_id: string | null }>(FIND_DEAD, [reaperId]);
    const workers = dead.map((row) => row.id);
    await client.query(`update worker set status = 'dead' where id = any($1)`, [workers]);
    const { rows: runs } = await client.query<{ id: string }>(GIVE_BACK, [workers]);
    const pools = dead.flatMap((row) => (row.pool_id === null ? [] : [row.pool_id]));
    await client.query('select graphile_worker.force_unlock_workers($1)', [pools]);
    if (runs.length > 0)
      await client.query(`select graphile_worker.add_job('${WAKE_TASK}', '{"returned":true}'), pg_notify('${QUEUE_CHANNEL}', 'returned')`);
    return { workers, runs: runs.map((row) => row.id) };
  });
}

// Owners that died without any progress are counted.
const GIVE_BACK = letGoOf(
  '',
  `, crashes = case when exists (select from run_event e where e.run_id = run.id and e.seq > run.last_seq
    and e.type not in (${BEGINNINGS_SQL})) then 1 else crashes + 1 end`,
);
