import { Cron } from 'croner';
import { toString as inWords } from 'cronstrue';
import type { Problem } from '#lib/base/problem.ts';
import { type CronFields, readCron } from './cron-syntax.ts';

/**
 * When a schedule is due. Pure: time is an argument, in milliseconds since the epoch. The rule where clocks change:
 *
 * - A pattern for every hour follows real time: each real hour of a repeated hour counts, times in a missing one don't exist.
 * - Every other pattern names times of day, and each is due once a day: one that is missing is due right after the jump,
 *   one that comes twice is due the first time. So nothing is left out and nothing is done twice.
 */
export interface CronTime {
  /** Five fields; see `cron-syntax.ts`. */
  readonly cron: string;
  /** IANA name. */
  readonly timezone: string;
}

const KEPT = 200;
const compiled = new Map<string, Cron>();

/** What is wrong with an expression and its zone, with the paths that the API's bodies have. Empty for good ones. */
export function scheduleProblems(time: CronTime, now: number): Problem[] {
  const problems: Problem[] = [];
  const reading = readCron(time.cron);
  if ('fault' in reading) problems.push({ path: '/cron_expression', code: 'bad_cron', message: reading.fault });
  if (!isTimeZone(time.timezone)) {
    const message = `'${time.timezone}' is no time zone. Use an IANA name such as Europe/Berlin or UTC.`;
    problems.push({ path: '/timezone', code: 'unknown_timezone', message });
  }
  if (problems.length === 0 && nextTime(time, now) === null) {
    problems.push({ path: '/cron_expression', code: 'never_fires', message: 'There is no such date, so this would never fire.' });
  }
  return problems;
}

/** True for an IANA name that this process knows. Offsets such as `+02:00` are none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The first due time after a moment, null for none. Throws for an expression or zone that `scheduleProblems` refuses. */
export function nextTime(time: CronTime, after: number): number | null {
  return cronOf(time).nextRun(new Date(after))?.getTime() ?? null;
}

/** The next due times after a moment, at most `count`. */
export function nextTimes(time: CronTime, after: number, count: number): number[] {
  const found: number[] = [];
  for (let at = nextTime(time, after); at !== null && found.length < count; at = nextTime(time, at)) found.push(at);
  return found;
}

/** The due times from one moment (included) up to another (not included), the first `most` of them. */
export function timesBetween(time: CronTime, from: number, until: number, most: number): { times: number[]; more: boolean } {
  const times: number[] = [];
  for (let at = nextTime(time, from - 1); at !== null && at < until; at = nextTime(time, at)) {
    if (times.length === most) return { times, more: true };
    times.push(at);
  }
  return { times, more: false };
}

/** The expression in words: `At 09:30, Monday through Friday`. */
export function cronInWords(cron: string): string {
  const reading = readCron(cron);
  if ('fault' in reading) return reading.fault;
  const words = inWords(cron, { use24HourTimeFormat: true, throwExceptionOnParseError: false });
  const { dayOfMonth, lastDay, dayOfWeek, nthDays } = reading.fields;
  const either = (dayOfMonth !== null || lastDay) && (dayOfWeek !== null || nthDays.length > 0);
  // The library's "and" can be read as "only where both"; either is enough.
  return either ? words.replace(/, (and|only) on /g, ', or on ') : words;
}

/**
 * Where a due time lies within the schedule's jitter: the same for every worker and every look. Always before the next due
 * time, so that jitter never changes the order.
 */
export function jitterOf(scheduleId: string, due: number, jitterMs: number, following: number | null): number {
  const room = following === null ? jitterMs : Math.min(jitterMs, following - due);
  if (room <= 0) return 0;
  let hash = 0x811c9dc5;
  for (const char of `${scheduleId}@${due}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  // FNV's low bits are the well mixed ones once the high are folded in.
  return ((hash ^ (hash >>> 15)) >>> 0) % room;
}

function cronOf({ cron, timezone }: CronTime): Cron {
  const key = `${cron}|${timezone}`;
  let known = compiled.get(key);
  if (known === undefined) {
    const reading = readCron(cron);
    if ('fault' in reading) throw new RangeError(reading.fault);
    if (compiled.size >= KEPT) compiled.delete(compiled.keys().next().value ?? '');
    known = new Cron(pattern(reading.fields), { mode: '5-part', fixedTimeRule: 'no-wildcard', timezone });
    compiled.set(key, known);
  }
  return known;
}

/** The library takes times without any `*` for times of day, and all others for a rhythm in real time. */
function pattern(fields: CronFields): string {
  const everyHour = fields.hour === null || fields.hour.length === 24;
  const days = [...(fields.dayOfMonth ?? []), ...(fields.lastDay ? ['L'] : [])];
  const weekdays = [...(fields.dayOfWeek ?? []), ...fields.nthDays.map(([day, nth]) => `${day}#${nth}`)];
  return [
    fields.minute?.join(',') ?? (everyHour ? '*' : Array.from({ length: 60 }, (_, minute) => minute).join(',')),
    everyHour ? '*' : fields.hour?.join(','),
    fields.dayOfMonth === null ? '*' : days.join(','),
    fields.month?.join(',') ?? '*',
    fields.dayOfWeek === null ? '*' : weekdays.join(','),
  ].join(' ');
}
