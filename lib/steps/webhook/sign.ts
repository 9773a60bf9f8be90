import { createHash, createHmac } from 'node:crypto';

/** The id of a delivery: the same over every attempt, without the dot that separates the signed parts. */
export function deliveryId(idempotencyKey: string): string {
  return `msg_${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}`;
}

/**
 * The headers of Standard Webhooks (specification 1.0): an HMAC-SHA256 over `id.timestamp.payload`, base64, after `v1,`.
 * A secret after `whsec_` is base64; another is taken as its UTF-8 bytes.
 */
export function signatureHeaders(id: string, seconds: number, payload: string, secret: string | undefined): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(seconds) };
  if (secret === undefined) return headers;
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret, 'utf8');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${payload}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}
