import { createHash, randomBytes } from 'node:crypto';

/** Characters of a key that are kept readable, to recognise it by: `wl_` and six more. */
const SHOWN = 9;

/** A fresh key: `wl_` and 32 random bytes as base64url. 256 random bits need no slow hash against guessing. */
export function makeApiKey(): string {
  return `wl_${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a key: its sha256, as hex. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The first characters, as lists show them. */
export function shownPrefix(key: string): string {
  return key.slice(0, SHOWN);
}

/** The key in an `Authorization: Bearer …` header; null where there is no such header, `''` where it holds no key. */
export function bearerKey(headers: Headers): string | null {
  const header = headers.get('authorization');
  if (header === null) return null;
  const token = /^bearer\s+(\S+)\s*$/i.exec(header)?.[1] ?? '';
  return /^wl_[A-Za-z0-9_-]{16,200}$/.test(token) ? token : '';
}
