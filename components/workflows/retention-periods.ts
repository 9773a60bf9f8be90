import { plural } from '#lib/client/format.ts';

const DAY = 86_400;
const FOR_EVER = 'forever';
const USUAL = [1, 7, 30, 90, 365];

/** What can be chosen: the usual periods, and the one that is in force where a program set another. Values are seconds, or a word for no end. */
export function periodOptions(current: number | null): { value: string; label: string }[] {
  const seconds = new Set(USUAL.map((days) => days * DAY));
  if (current !== null) seconds.add(current);
  const periods = [...seconds].sort((a, b) => a - b).map((each) => ({ value: String(each), label: periodWords(each) }));
  return [{ value: FOR_EVER, label: 'For ever' }, ...periods];
}

export function periodValue(seconds: number | null): string {
  return seconds === null ? FOR_EVER : String(seconds);
}

export function periodSeconds(value: string): number | null {
  return value === FOR_EVER ? null : Number(value);
}

/** "7 days", "36 hours": the largest unit that says it without a rest. */
export function periodWords(seconds: number): string {
  if (seconds % DAY === 0) return seconds === 365 * DAY ? '1 year' : plural(seconds / DAY, 'day');
  if (seconds % 3600 === 0) return plural(seconds / 3600, 'hour');
  if (seconds % 60 === 0) return plural(seconds / 60, 'minute');
  return plural(seconds, 'second');
}
