import type { PoolClient } from 'pg';
import { pool } from './client.ts';

/** A connection on which a transaction is open. */
export type Transaction = PoolClient;

/** Does `work` in one transaction on one connection; what it throws undoes it. */
export async function transaction<T>(work: (client: Transaction) => Promise<T>): Promise<T> {
  const client = await pool().connect();
  try {
    await client.query('begin');
    const answer = await work(client);
    await client.query('commit');
    return answer;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}
