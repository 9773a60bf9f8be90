import type { Json } from '#lib/base/json.ts';

/** How a JSON value stands in a text field: text as it is, anything else as JSON. */
export function textOfValue(value: Json | undefined, space?: number): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, space);
}

/**
 * What a person means by a text in a field of any JSON: objects and lists as JSON; a number, true, false and null only
 * where the value was one before (`007` typed into a header stays text). Null when it looks like JSON and is none.
 */
export function valueOfText(text: string, before: Json | undefined): { readonly value: Json } | null {
  const trimmed = text.trim();
  const looksLikeJson = /^[[{](?!\{)/.test(trimmed);
  const wasPlain = before !== undefined && typeof before !== 'string';
  if (!looksLikeJson && !wasPlain) return { value: text };
  try {
    return { value: JSON.parse(trimmed) as Json };
  } catch {
    return looksLikeJson ? null : { value: text };
  }
}

/** The value of a whole JSON field: any JSON, or text that is a template. Null while it is neither. */
export function jsonOfText(text: string): { readonly value: Json } | null {
  const trimmed = text.trim();
  try {
    return { value: JSON.parse(trimmed) as Json };
  } catch {
    return /^[[{"](?!\{)/.test(trimmed) || trimmed === '' ? null : { value: text };
  }
}

const WORDS = { string: 'text', number: 'number', boolean: 'yes or no' } as const;

/** The kind of a value in one word, as the result line names it. */
export function kindOfValue(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 1 ? 'list of 1' : `list of ${value.length}`;
  const kind = typeof value;
  return kind === 'string' || kind === 'number' || kind === 'boolean' ? WORDS[kind] : 'object';
}
