import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readEnv } from '#lib/base/env.ts';

/**
 * Values at rest: AES-256-GCM under the instance's key, bound to the place where they stand.
 *
 *     version 1 │ key id 8 bytes │ nonce 12 │ tag 16 │ ciphertext
 *
 * The key id lets a new key seal while former ones still open, so that a key can be changed without an hour at which
 * nothing can be read.
 */
const VERSION = 1;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES;

export interface SealKey {
  readonly id: Buffer;
  readonly key: Buffer;
}

/** A value that no key at hand opens, or that was changed. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError';
}

/** A key made of a text of 32 characters and more. */
export function sealKey(text: string): SealKey {
  const key = createHash('sha256').update('weftline.seal\0').update(text).digest();
  return { key, id: createHash('sha256').update('weftline.seal.id\0').update(key).digest().subarray(0, KEY_ID_BYTES) };
}

/** The keys of this instance: the first seals, all open. Throws one sentence where there is none. */
export function sealKeys(): readonly SealKey[] {
  const text = readEnv().WEFTLINE_ENCRYPTION_KEY;
  if (text === undefined) {
    throw new Error('WEFTLINE_ENCRYPTION_KEY is not set; `npm start` keeps one in DATA_DIR/encryption-key.');
  }
  return text.split(',').map((one) => sealKey(one.trim()));
}

/** Seals a text. `place` says where it stands (such as workspace and name); elsewhere it does not open. */
export function seal(text: string, place: string, keys: readonly SealKey[] = sealKeys()): Uint8Array<ArrayBuffer> {
  const [first] = keys;
  if (first === undefined) throw new Error('There is no key to seal with');
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', first.key, nonce).setAAD(Buffer.from(place, 'utf8'));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return new Uint8Array(Buffer.concat([Buffer.from([VERSION]), first.id, nonce, cipher.getAuthTag(), sealed]));
}

/** The text of a sealed value. Throws UnsealError. */
export function unseal(sealed: Uint8Array, place: string, keys: readonly SealKey[] = sealKeys()): string {
  const bytes = Buffer.from(sealed);
  if (bytes.length < HEAD_BYTES || bytes[0] !== VERSION) throw new UnsealError('It is not a sealed value of a known kind');
  const id = bytes.subarray(1, 1 + KEY_ID_BYTES);
  const known = keys.find((key) => key.id.equals(id));
  if (known === undefined) throw new UnsealError('It was sealed with a key that is not at hand');
  const nonce = bytes.subarray(1 + KEY_ID_BYTES, 1 + KEY_ID_BYTES + NONCE_BYTES);
  const tag = bytes.subarray(HEAD_BYTES - TAG_BYTES, HEAD_BYTES);
  try {
    const decipher = createDecipheriv('aes-256-gcm', known.key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(place, 'utf8')).setAuthTag(tag);
    return Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new UnsealError('It was changed, or stands in another place than it was sealed for', { cause });
  }
}

/** True where a former key sealed it, so that it should be sealed again. */
export function isSealedByFormerKey(sealed: Uint8Array, keys: readonly SealKey[] = sealKeys()): boolean {
  return keys[0] !== undefined && !keys[0].id.equals(Buffer.from(sealed).subarray(1, 1 + KEY_ID_BYTES));
}
