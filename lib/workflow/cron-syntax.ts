/**
 * The five fields of a cron expression, read by our own rules, so that each fault names its field. Fields are minute, hour,
 * day of month, month, day of week; each a list of values, ranges, and steps of ranges. Names are `jan`–`dec` and
 * `sun`–`sat`; 0 and 7 are Sunday; `L` is the last day of the month and `mon#2` the second Monday.
 */
export interface CronFields {
  /** Each sorted; null for a field that is `*`. */
  readonly minute: readonly number[] | null;
  readonly hour: readonly number[] | null;
  readonly dayOfMonth: readonly number[] | null;
  readonly lastDay: boolean;
  readonly month: readonly number[] | null;
  readonly dayOfWeek: readonly number[] | null;
  /** `mon#2` as [1, 2]. */
  readonly nthDays: readonly (readonly [day: number, nth: number])[];
}

export type CronReading = { readonly fields: CronFields } | { readonly fault: string };

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTE: Field = { name: 'minute', min: 0, max: 59, names: [] };
const HOUR: Field = { name: 'hour', min: 0, max: 23, names: [] };
const DAY: Field = { name: 'day of month', min: 1, max: 31, names: [] };
const MONTH: Field = { name: 'month', min: 1, max: 12, names: MONTHS };
const WEEKDAY: Field = { name: 'day of week', min: 0, max: 7, names: DAYS };
/** Long enough for every list that is written by hand. */
const MAX_LENGTH = 250;

class Fault extends Error {}

/** Reads a cron expression; a bad one answers one plain sentence that names the field. */
export function readCron(text: string): CronReading {
  try {
    return { fields: read(text) };
  } catch (thrown) {
    if (thrown instanceof Fault) return { fault: thrown.message };
    throw thrown;
  }
}

function read(text: string): CronFields {
  if (text.length > MAX_LENGTH) throw new Fault(`A cron expression has at most ${MAX_LENGTH} characters.`);
  const parts = text.trim().toLowerCase().split(/\s+/);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = parts;
  if (minute === '') throw new Fault('Write five fields: minute, hour, day of month, month, day of week.');
  if (parts.length !== 5) {
    throw new Fault(`A cron expression has five fields (minute, hour, day of month, month, day of week); this one has ${parts.length}.`);
  }
  const days = day.split(',');
  const weekdays = weekday.split(',');
  const nth = weekdays.filter((item) => item.includes('#'));
  return {
    minute: values(MINUTE, minute.split(',')),
    hour: values(HOUR, hour.split(',')),
    dayOfMonth: values(
      DAY,
      days.filter((item) => item !== 'l'),
    ),
    lastDay: days.includes('l'),
    month: values(MONTH, month.split(',')),
    dayOfWeek: weekdayValues(weekdays.filter((item) => !item.includes('#'))),
    nthDays: nth.map(nthDay),
  };
}

/** Sunday is 0, also where it was written as 7. */
function weekdayValues(items: readonly string[]): readonly number[] | null {
  const found = values(WEEKDAY, items);
  return found === null ? null : sorted(found.map((day) => day % 7));
}

function nthDay(item: string): readonly [number, number] {
  const [day = '', nth = '', ...more] = item.split('#');
  if (more.length > 0 || !/^[1-5]$/.test(nth)) throw new Fault(`day of week: '${item}' should be like mon#2, with 1 to 5 after the #.`);
  return [one(WEEKDAY, day) % 7, Number(nth)];
}

/** Null for `*`. */
function values(field: Field, items: readonly string[]): readonly number[] | null {
  if (items.length === 1 && (items[0] === '*' || items[0] === '*/1')) return null;
  return sorted(items.flatMap((item) => expand(field, item)));
}

function expand(field: Field, item: string): number[] {
  if (item === '') throw new Fault(`${field.name}: there is an empty place in the list.`);
  const [what = '', stepText, ...more] = item.split('/');
  if (more.length > 0) throw new Fault(`${field.name}: '${item}' has more than one step.`);
  const step = stepText === undefined ? null : stepOf(field, item, stepText);
  if (what === '*') return range(field.min, field === WEEKDAY ? 6 : field.max, step ?? 1);
  const ends = what.split('-');
  if (ends.length > 2) throw new Fault(`${field.name}: '${item}' is no range.`);
  const from = one(field, ends[0] ?? '');
  if (ends.length === 1) {
    if (step !== null) throw new Fault(`${field.name}: a step needs a range; write ${from}-${field.max}/${step} or */${step}.`);
    return [from];
  }
  const last = one(field, ends[1] ?? '');
  // `fri-sun` ends with the week.
  const until = field === WEEKDAY && last === 0 && from > 0 ? 7 : last;
  if (until < from) throw new Fault(`${field.name}: the range '${what}' ends before it begins.`);
  return range(from, until, step ?? 1);
}

function stepOf(field: Field, item: string, text: string): number {
  const step = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (step < 1 || step > field.max) throw new Fault(`${field.name}: the step of '${item}' should be a number from 1 to ${field.max}.`);
  return step;
}

function one(field: Field, text: string): number {
  const named = field.names.indexOf(text);
  if (named >= 0) return named + field.min;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.min && value <= field.max) return value;
  const also = field.names.length === 0 ? '' : `, or ${field.names[0]} to ${field.names.at(-1)}`;
  throw new Fault(`${field.name}: '${text}' should be a number from ${field.min} to ${field.max}${also}.`);
}

function range(from: number, until: number, step: number): number[] {
  const found: number[] = [];
  for (let value = from; value <= until; value += step) found.push(value);
  return found;
}

function sorted(found: readonly number[]): number[] {
  return [...new Set(found)].sort((a, b) => a - b);
}
