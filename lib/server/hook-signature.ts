import { createHmac, timingSafeEqual } from 'node:crypto';

/** What of a call its signature covers. */
export interface SignedCall {
  readonly header: (name: string) => string | null;
  readonly body: Uint8Array;
}

/** How far the clock of a sender may be from ours, in seconds; older calls may be repetitions by a third party. */
const TOLERANCE_SECONDS = 300;

/** Why a call is not accepted, or null where its signature is good. `now` in milliseconds. */
export type Verdict = string | null;

/**
 * Standard Webhooks 1.0: `webhook-signature` holds `v1,<base64>` of HMAC-SHA256 over `id.timestamp.body`, several apart by
 * spaces while a secret is being changed. A secret after `whsec_` is base64.
 */
export function checkStandard(call: SignedCall, secret: string, now: number): Verdict {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => call.header(name));
  if (!id || !timestamp || !signatures) return 'It carries no webhook-id, webhook-timestamp and webhook-signature';
  if (!isFresh(timestamp, now)) return 'Its webhook-timestamp is too far from the present time';
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret, 'utf8');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(call.body).digest();
  const given = signatures.split(' ').flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice(3), 'base64')] : []));
  return given.some((one) => isEqual(one, expected)) ? null : 'Its signature does not fit';
}

/**
 * A header with HMAC-SHA256 of the body, as hex or base64, with or without `sha256=` before it (GitHub, Shopify, Linear); or
 * `t=<seconds>,v1=<hex>` of `t.body` (Stripe).
 */
export function checkHmac(call: SignedCall, secret: string, headerName: string, now: number): Verdict {
  const header = call.header(headerName)?.trim();
  if (!header) return `It carries no ${headerName}`;
  const stamped = /(?:^|,)\s*t=(\d+)/.exec(header);
  if (stamped !== null) {
    if (!isFresh(stamped[1] ?? '', now)) return 'Its timestamp is too far from the present time';
    const expected = createHmac('sha256', secret).update(`${stamped[1]}.`).update(call.body).digest();
    const given = [...header.matchAll(/(?:^|,)\s*v1=([0-9a-f]+)/gi)].map((one) => Buffer.from(one[1] ?? '', 'hex'));
    return given.some((one) => isEqual(one, expected)) ? null : 'Its signature does not fit';
  }
  const text = header.replace(/^sha256=/i, '');
  const expected = createHmac('sha256', secret).update(call.body).digest();
  const given = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  return isEqual(given, expected) ? null : 'Its signature does not fit';
}

function isFresh(seconds: string, now: number): boolean {
  return /^\d{1,12}$/.test(seconds) && Math.abs(now / 1000 - Number(seconds)) <= TOLERANCE_SECONDS;
}

function isEqual(given: Uint8Array, expected: Uint8Array): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}
