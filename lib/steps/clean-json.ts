import type { Json } from '#lib/base/json.ts';

const BAD_ESCAPE = /\\u(0000|d[89a-f])/i;

/**
 * JSON whose texts every store and every client can take: NUL and lone surrogates become U+FFFD. A value without any
 * comes back as it is.
 */
export function cleanJson(value: Json): Json {
  return BAD_ESCAPE.test(JSON.stringify(value)) ? clean(value) : value;
}

/** A text without NUL and lone surrogates. */
export function cleanText(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD').toWellFormed();
}

function clean(value: Json): Json {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(clean);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [cleanText(key), clean(member)]));
}
