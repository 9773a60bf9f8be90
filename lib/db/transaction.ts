import type { PoolClient } from 'pg';
import { pool } from './client.ts';

/** A connection on which a transaction is open. */
export type Transaction = PoolClient;

/** Does `work` in one transaction on one connection; what it throws undoes it. */
export async function transaction<T>(work: (client: Transaction) => Promise<T>): Promise<T> {
  const client = await pool().connect();
  let broken = false;
  try {
    await client.query('begin');
    const answer = await work(client);
    await client.query('commit');
    return answer;
  } catch (error) {
    // Who cannot even undo has lost the server, and the next who got this connection would wait for it in vain.
    await client.query('rollback').catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
