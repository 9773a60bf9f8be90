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

/** PostgreSQL's disk is full. */
const FULL = '53100';

/** Whether this was thrown because the database is away or has no room, also where another error is wrapped around it. */
export function isDatabaseAway(thrown: unknown): boolean {
  return someCause(thrown, (codes, message) => codes.some((code) => CODES.has(code) || CLASSES.test(code)) || WORDS.test(message));
}

/** Whether the database answered that its disk is full: only someone who makes room can help. */
export function isDiskFull(thrown: unknown): boolean {
  return someCause(thrown, (codes) => codes.includes(FULL));
}

type Says = (codes: readonly string[], message: string) => boolean;

function someCause(thrown: unknown, says: Says, depth = 0): boolean {
  if (typeof thrown !== 'object' || thrown === null || depth > DEEPEST) return false;
  const { code, originalCode, message, cause, meta } = thrown as Readonly<Record<string, unknown>>;
  const codes = [code, originalCode].filter((one) => typeof one === 'string');
  if (says(codes, typeof message === 'string' ? message : '')) return true;
  const adapter = (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError;
  return someCause(cause, says, depth + 1) || someCause(adapter, says, depth + 1);
}
