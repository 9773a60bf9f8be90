import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { AppError } from '#lib/base/errors.ts';
import { PrismaClient } from './generated/client.ts';

/**
 * The process's way to its database. Everything hangs on one `globalThis` registry, because the web process loads this
 * module twice (Node's copy and the one Next bundles).
 *
 * Prisma serves what people and programs read and change. The hot path (journal, claims, creating runs) sends whole
 * batches as one prepared statement each and goes to `pg` directly: same pool settings, no engine in between.
 */
interface Connections {
  readonly url: string;
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  readonly relaxed: pg.Pool;
}

/**
 * What the server shall do for each of our sessions when the machine behind it is gone without a word (power, network): give
 * up an open transaction, which may hold locks that others need, after 5 s, and the session after 11 s. Without it that takes
 * hours. Ignored on a unix socket. And what our statements rely on, whatever the database's own default is.
 */
const SESSION = [
  'default_transaction_isolation=read\\ committed',
  'idle_in_transaction_session_timeout=5000',
  'tcp_keepalives_idle=5',
  'tcp_keepalives_interval=2',
  'tcp_keepalives_count=3',
  'tcp_user_timeout=11000',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');
/**
 * Milliseconds after which a statement counts as lost with its connection. What a cut network leaves unanswered gives no error
 * for a quarter of an hour, and would hold a place in the pool as long.
 */
const PATIENCE_MS = 60_000;
/** The same for heartbeats and hints, which take milliseconds. */
const RELAXED_PATIENCE_MS = 10_000;

const registry = globalThis as typeof globalThis & { weftlineDatabase?: Connections | undefined };

/** Prisma's client. Reads DATABASE_URL at the first call; a changed DATABASE_URL gives a new client. */
export function database(): PrismaClient {
  return connections().prisma;
}

/** The pool for durable statements of the hot path. */
export function pool(): pg.Pool {
  return connections().pool;
}

/**
 * A pool whose commits don't wait for the disk. Only for what may be lost with a crash of the database, because it is
 * then done again: heartbeats, looks for the dead, hints.
 */
export function relaxedPool(): pg.Pool {
  return connections().relaxed;
}

/** The connection string in use. Throws where DATABASE_URL is missing. */
export function databaseUrl(): string {
  const url = process.env.DATABASE_URL;
  if (!url) throw new AppError('unavailable', 'DATABASE_URL is not set');
  return url;
}

/** Ends every connection of this process; the next `database()` opens new ones. */
export async function disconnect(): Promise<void> {
  const open = registry.weftlineDatabase;
  registry.weftlineDatabase = undefined;
  if (open) await close(open);
}

function connections(): Connections {
  const url = databaseUrl();
  const known = registry.weftlineDatabase;
  if (known?.url === url) return known;
  const size = poolSize();
  const made: Connections = {
    url,
    prisma: new PrismaClient({ adapter: new PrismaPg({ ...pooled(url), max: size }) }),
    pool: quietPool({ ...pooled(url), max: size }),
    relaxed: quietPool({
      ...pooled(url),
      max: 3,
      options: `${SESSION} -c synchronous_commit=off`,
      connectionTimeoutMillis: 5000,
      query_timeout: RELAXED_PATIENCE_MS,
    }),
  };
  registry.weftlineDatabase = made;
  if (known) void close(known);
  return made;
}

/**
 * A connection that lives as long as its process: it listens, or holds a lock. A cut network is noticed after 15 s (Node asks
 * ten times, a second apart, after so many milliseconds of silence); the system's own patience is two hours.
 */
export function longLived(url: string): pg.ClientConfig {
  return { connectionString: url, keepAlive: true, keepAliveInitialDelayMillis: 5000, connectionTimeoutMillis: 5000, options: SESSION };
}

/** True where the database is on this host: no network can be cut between. */
export function isLocal(url: string): boolean {
  const { hostname, searchParams } = new URL(url);
  const host = searchParams.get('host') ?? decodeURIComponent(hostname);
  return host === '' || host.startsWith('/') || host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

function pooled(url: string): pg.PoolConfig {
  const { connectionTimeoutMillis: _own, ...kept } = longLived(url);
  return { ...kept, connectionTimeoutMillis: 10_000, query_timeout: PATIENCE_MS };
}

function poolSize(): number {
  const wanted = Number(process.env.DATABASE_POOL ?? '');
  return Number.isInteger(wanted) && wanted > 0 ? wanted : 10;
}

/** A cut idle connection is no reason to end the process: the next query opens another. */
function quietPool(config: pg.PoolConfig): pg.Pool {
  const made = new pg.Pool({ connectionTimeoutMillis: 10_000, idleTimeoutMillis: 60_000, ...config });
  made.on('error', () => {});
  made.on('connect', (client) => client.on('error', () => {}));
  return made;
}

async function close(open: Connections): Promise<void> {
  await Promise.allSettled([open.prisma.$disconnect(), open.pool.end(), open.relaxed.end()]);
}
