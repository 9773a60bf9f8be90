import type { Json } from '#lib/base/json.ts';

/** Pieces of the one line that a step shows under its name on the canvas. */

const MAX_LENGTH = 80;

/** Text on one line, at most 80 characters. */
export function shortLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line;
}

/** An expression without its braces. */
export function shortExpression(value: Json | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '' : shortLine(JSON.stringify(value));
  const match = /^\s*\{\{([\s\S]*)\}\}\s*$/.exec(value);
  return shortLine(match?.[1] ?? value);
}

/** A URL without scheme and query, expressions as `{name}`: `api.example.com/users/{input.id}`. */
export function shortUrl(value: Json | undefined): string {
  if (typeof value !== 'string') return '';
  const withNames = value.replace(/\{\{\s*([\s\S]*?)\s*\}\}/g, (_all, source: string) => `{${source}}`);
  return shortLine(withNames.replace(/^https?:\/\//i, '').replace(/\?[^}]*$/, ''));
}
