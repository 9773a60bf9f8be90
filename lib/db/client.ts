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
 * then done again: claims, heartbeats, hints.
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
    prisma: new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: size, connectionTimeoutMillis: 10_000 }) }),
    pool: quietPool({ connectionString: url, max: size }),
    relaxed: quietPool({ connectionString: url, max: 3, options: '-c synchronous_commit=off' }),
  };
  registry.weftlineDatabase = made;
  if (known) void close(known);
  return made;
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
