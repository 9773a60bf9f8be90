import { errorMessage } from '#lib/base/errors.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';
const RANK: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };
type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** A log whose every line carries these fields too. */
  with(fields: Fields): Log;
}

/**
 * Structured logs: one JSON object a line on standard error. `LOG_LEVEL` (debug, info, warn, error, silent) is read
 * once; an `error` field that was thrown is written as its text and stack.
 */
export function createLog(fields: Fields, write: (line: string) => void = writeLine): Log {
  const floor = RANK[(process.env.LOG_LEVEL ?? 'info') as Level] ?? (process.env.LOG_LEVEL === 'silent' ? 4 : 1);
  function emit(level: Level, message: string, more: Fields = {}): void {
    if (RANK[level] < floor) return;
    const line: Record<string, unknown> = { time: new Date().toISOString(), level, message, ...fields, ...more };
    if (line.error instanceof Error) {
      line.stack = line.error.stack;
      line.error = errorMessage(line.error);
    }
    write(`${JSON.stringify(line)}\n`);
  }
  return {
    debug: (message, more) => emit('debug', message, more),
    info: (message, more) => emit('info', message, more),
    warn: (message, more) => emit('warn', message, more),
    error: (message, more) => emit('error', message, more),
    with: (more) => createLog({ ...fields, ...more }, write),
  };
}

/** Standard error may be a file on a full disk: a line that finds no room is lost, but the process must not end with it. */
const ignoreLoss = () => {};

function writeLine(line: string): void {
  if (!process.stderr.listeners('error').includes(ignoreLoss)) process.stderr.on('error', ignoreLoss);
  process.stderr.write(line);
}
