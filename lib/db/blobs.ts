import { createHash } from 'node:crypto';
import type { Json } from '#lib/base/json.ts';
import { pool } from './client.ts';

/** Values whose JSON text is longer (in UTF-16 units) are kept apart, once for each content, so that journal rows stay small. */
export const BLOB_THRESHOLD = 32 * 1024;

export interface NewBlob {
  readonly hash: string;
  /** JSON text. */
  readonly text: string;
  /** Uuid of the run that points at it. */
  readonly runId: string;
}

/** The key of a value's JSON text. */
export function blobHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Keeps blobs and which run uses them. Durable when it resolves; must be before the rows that point at them are written. */
export async function storeBlobs(blobs: readonly NewBlob[]): Promise<void> {
  for (const blob of blobs) {
    const content = Buffer.from(blob.text, 'utf8');
    // Touching an old blob keeps the sweep away from it until its use is written, which happens in this same statement.
    await pool().query({
      name: 'store_blob',
      text: `with kept as (
          insert into blob (hash, size, content) values ($1, $2, $3)
          on conflict (hash) do update set created_at = now() returning hash)
        insert into blob_use (run_id, hash) select $4, hash from kept on conflict do nothing`,
      values: [blob.hash, content.length, content, blob.runId],
    });
  }
}

/** The values of these blobs; a missing one is left out. */
export async function loadBlobs(hashes: readonly string[]): Promise<Map<string, Json>> {
  const { rows } = await pool().query<{ hash: string; content: Buffer }>('select hash, content from blob where hash = any($1)', [hashes]);
  return new Map(rows.map((row) => [row.hash, JSON.parse(row.content.toString('utf8')) as Json]));
}
