import { createHash, createHmac } from 'node:crypto';

/** The id of a delivery: the same over every attempt, without the dot that separates the signed parts. */
export function deliveryId(idempotencyKey: string): string {
  return `msg_${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}`;
}

/** A secret that is no secret of Standard Webhooks. */
export class SecretFormatError extends Error {
  override readonly name = 'SecretFormatError';
}

/**
 * The headers of Standard Webhooks (specification 1.0): an HMAC-SHA256 over `id.timestamp.payload`, base64, after `v1,`.
 * A secret after `whsec_` is base64; another is taken as its UTF-8 bytes. Several secrets give several
 * signatures, one of which a receiver has to know. Throws SecretFormatError.
 */
export function signatureHeaders(id: string, seconds: number, payload: string, secrets: readonly string[]): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(seconds) };
  if (secrets.length === 0) return headers;
  const signatures = secrets.map((secret) => {
    const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${payload}`).digest('base64');
    return `v1,${signature}`;
  });
  return { ...headers, 'webhook-signature': signatures.join(' ') };
}

function keyOf(secret: string): Buffer {
  if (!secret.startsWith('whsec_')) return Buffer.from(secret, 'utf8');
  const text = secret.slice('whsec_'.length);
  const key = Buffer.from(text, 'base64');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || key.length < 16) {
    throw new SecretFormatError('After whsec_ a signing secret holds at least 16 bytes in base64');
  }
  return key;
}
