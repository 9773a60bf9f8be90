import type { Json } from '#lib/base/json.ts';

/**
 * The body of a hook's call as a value: JSON where it is JSON, an object where it is a form, else text; bytes that are no text
 * as `{ base64 }`. Half surrogates and NULs, which text in PostgreSQL cannot hold, are legal inside its `json`.
 */
export function readHookBody(bytes: Uint8Array, contentType: string): Json {
  if (bytes.byteLength === 0) return null;
  const text = decode(bytes);
  if (text === null) return { base64: Buffer.from(bytes).toString('base64') };
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) return formOf(text);
  // Senders forget the type: what reads as JSON is JSON.
  if (/\bjson\b/i.test(contentType) || /^\s*[[{]/.test(text)) return parsed(text);
  return text;
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** A name that comes once has its text, one that comes again a list. */
export function formOf(text: string): { [name: string]: string | string[] } {
  const form: { [name: string]: string | string[] } = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const known = form[name];
    form[name] = known === undefined ? value : [...[known].flat(), value];
  }
  return { ...form };
}
