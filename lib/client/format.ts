import { formatDuration } from '#lib/base/duration.ts';

/** "just now", "4 min ago", "3 h ago", "yesterday", "12 Nov", "12 Nov 2025"; the future as "in 4 min". */
export function formatRelative(iso: string, now: number): string {
  const then = Date.parse(iso);
  if (Number.isNaN(then)) return '—';
  const seconds = Math.round((now - then) / 1000);
  const distance = Math.abs(seconds);
  if (distance < 10) return 'just now';
  const say = (text: string) => (seconds < 0 ? `in ${text}` : `${text} ago`);
  if (distance < 60) return say(`${distance} s`);
  // What is past is told by what has passed wholly; what comes, by the nearest: a limit of two days is "in 2 days" at once.
  const count = (unit: number) => (seconds < 0 ? Math.round(distance / unit) : Math.floor(distance / unit));
  if (count(60) < 60) return say(`${count(60)} min`);
  if (count(3600) < 24) return say(`${count(3600)} h`);
  if (count(86_400) < 7) return say(plural(count(86_400), 'day'));
  const date = new Date(then);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) });
}

/** Day and time to the second in the viewer's zone, for tooltips and details. */
export function formatExact(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '—';
  return date.toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
}

/** Day and time to the second without the year, in the viewer's zone: "22 Nov, 02:37:12". */
export function formatMoment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '—';
  return date.toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** When something will be, in the viewer's zone: the time alone where it is less than half a day after `since`, else with its day. */
export function formatUpcoming(millis: number, since: number): string {
  const date = new Date(millis);
  if (millis - since < 12 * 3_600_000) return date.toLocaleTimeString('en-GB');
  return date.toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
}

/** A number of seconds as people read it; `—` for none. */
export function formatSeconds(seconds: number | null): string {
  return seconds === null ? '—' : formatDuration(seconds * 1000);
}

/** `1 run`, `2 runs`, `1,204 runs`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** An id cut in the middle: its kind and its last six digits, `run_…9f3c1a`. Short ids stay whole. */
export function shortId(id: string): string {
  return id.length <= 16 ? id : `${id.slice(0, id.indexOf('_') + 1) || id.slice(0, 4)}…${id.slice(-6)}`;
}

/** First letter in upper case: `manual` → `Manual`. */
export function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
