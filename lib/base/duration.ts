const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1000,
  sec: 1000,
  secs: 1000,
  second: 1000,
  seconds: 1000,
  m: 60_000,
  min: 60_000,
  mins: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hrs: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  weeks: 604_800_000,
};

/** The longest duration that is accepted: 365 days, in milliseconds. */
export const MAX_DURATION_MS = 365 * 86_400_000;

/**
 * Milliseconds of a duration as definitions write it: a number of *seconds* (fractions allowed), or text such as
 * `500ms`, `30s`, `1h 30m`, `10 minutes`. Null when it is neither, negative, or longer than 365 days.
 */
export function parseDuration(value: unknown): number | null {
  if (typeof value === 'number') return within(value * 1000);
  if (typeof value !== 'string') return null;
  if (value.length > 100) return null;
  const text = value.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(text)) return within(Number(text) * 1000);
  if (!/^(\d+(\.\d+)?\s*[a-z]+\s*)+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const millis = UNITS[unit ?? ''];
    if (millis === undefined) return null;
    total += Number(amount) * millis;
  }
  return within(total);
}

/** As `parseDuration`, where a number means *milliseconds*, as programs write it: `10_000`, `10 minutes`, `2 days`. */
export function parseMillis(value: unknown): number | null {
  return typeof value === 'number' ? within(value) : parseDuration(value);
}

function within(millis: number): number | null {
  return Number.isFinite(millis) && millis >= 0 && millis <= MAX_DURATION_MS ? Math.round(millis) : null;
}

/** Short text of a number of milliseconds for people: `840 ms`, `3.2 s`, `4m 10s`, `2h 5m`, `3d 4h`. */
export function formatDuration(millis: number): string {
  if (millis < 1000) return `${Math.round(millis)} ms`;
  if (millis < 10_000) return `${(millis / 1000).toFixed(1)} s`;
  const seconds = Math.round(millis / 1000);
  if (seconds < 60) return `${seconds} s`;
  const pairs: [number, string, number, string][] = [
    [86_400, 'd', 3600, 'h'],
    [3600, 'h', 60, 'm'],
    [60, 'm', 1, 's'],
  ];
  for (const [large, largeName, small, smallName] of pairs) {
    if (seconds < large) continue;
    const rest = Math.floor((seconds % large) / small);
    return `${Math.floor(seconds / large)}${largeName}${rest > 0 ? ` ${rest}${smallName}` : ''}`;
  }
  return `${seconds} s`;
}

/** A time that still runs, in milliseconds: tenths of a second and never finer, so that its width stands still: `0.8 s`. */
export function formatElapsed(millis: number): string {
  const tenths = Math.floor(Math.max(0, millis) / 100) / 10;
  return tenths < 10 ? `${tenths.toFixed(1)} s` : formatDuration(Math.floor(tenths) * 1000);
}
