import { idFromUuid } from '#lib/base/ids.ts';
import type { Transaction } from './transaction.ts';

/** Holds the name of a workflow until the transaction ends: who else looks for it, to make one where there is none, waits. */
export async function lockWorkflowName(client: Transaction, workspaceUuid: string, name: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`workflow name ${workspaceUuid} ${name}`]);
}

/** The oldest workflow of this name. */
export async function findWorkflowNamed(
  client: Transaction,
  workspaceUuid: string,
  name: string,
): Promise<{ readonly id: string; readonly tags: readonly string[] } | null> {
  const { rows } = await client.query<{ id: string; tags: string[] }>(
    'select id, tags from workflow where workspace_id = $1 and name = $2 order by id limit 1',
    [workspaceUuid, name],
  );
  return rows[0] === undefined ? null : { id: idFromUuid('wf', rows[0].id), tags: rows[0].tags };
}
