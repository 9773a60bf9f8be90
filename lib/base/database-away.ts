/**
 * Codes of the system, of Prisma and of PostgreSQL for a database that is not reachable, is starting or ending, or has no
 * room: what failed may be tried again.
 */
const CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'P1001', 'P1002', 'P1008', 'P1017', 'P2024']);
/** Connection lost (08), out of disk, memory or connections (53), ended by an administrator, a crash, or still starting (57P). */
const CLASSES = /^(08|53|57P0)/;
/** The driver's own words for a connection that is gone carry no code. */
const WORDS = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;
const DEEPEST = 5;

/** Whether this was thrown because the database is away or has no room, also where another error is wrapped around it. */
export function isDatabaseAway(thrown: unknown, depth = 0): boolean {
  if (typeof thrown !== 'object' || thrown === null || depth > DEEPEST) return false;
  const { code, originalCode, message, cause, meta } = thrown as Readonly<Record<string, unknown>>;
  if ([code, originalCode].some((one) => typeof one === 'string' && (CODES.has(one) || CLASSES.test(one)))) return true;
  if (typeof message === 'string' && WORDS.test(message)) return true;
  const adapter = (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError;
  return isDatabaseAway(cause, depth + 1) || isDatabaseAway(adapter, depth + 1);
}
