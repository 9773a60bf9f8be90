import type { PoolClient } from 'pg';
import { Batcher } from './batcher.ts';
import { pool } from './client.ts';

/** What a start needs to know of a workflow. */
export interface RunTarget {
  readonly status: string;
  /** Number of the newest version, 0 for none. */
  readonly newest: number;
  /** Hash of the definition of the wanted version (the newest where none was named), null where there is none. */
  readonly definitionHash: string | null;
}

export interface RunWish {
  readonly workspaceUuid: string;
  readonly workflowUuid: string;
  /** Null for the newest. */
  readonly version: number | null;
}

const MAX_BATCH = 500;
const registry = globalThis as typeof globalThis & { weftlineRunTargets?: Batcher<RunWish, RunTarget | null> };

/**
 * What would run, or null where the workspace has no such workflow. Starts that come together share one look-up: this
 * stands before every run, thousands of times a second.
 */
export function findRunTarget(wish: RunWish): Promise<RunTarget | null> {
  registry.weftlineRunTargets ??= new Batcher(findRunTargets, MAX_BATCH);
  return registry.weftlineRunTargets.add(wish);
}

const FIND = `
select wish.place, workflow.status, workflow.current_version, version.definition_hash
from json_to_recordset($1::json) as wish(place int, workspace_id uuid, workflow_id uuid, version int)
join workflow on workflow.id = wish.workflow_id and workflow.workspace_id = wish.workspace_id
left join version on version.workflow_id = workflow.id and version.number = coalesce(wish.version, workflow.current_version)`;

interface Row {
  readonly place: number;
  readonly status: string;
  readonly current_version: number;
  readonly definition_hash: string | null;
}

async function findRunTargets(wishes: readonly RunWish[]): Promise<(RunTarget | null)[]> {
  const asked = wishes.map((wish, place) => ({
    place,
    workspace_id: wish.workspaceUuid,
    workflow_id: wish.workflowUuid,
    version: wish.version,
  }));
  const { rows } = await pool().query<Row>({ name: 'find_run_targets', text: FIND, values: [JSON.stringify(asked)] });
  const found: (RunTarget | null)[] = wishes.map(() => null);
  for (const row of rows) found[row.place] = { status: row.status, newest: row.current_version, definitionHash: row.definition_hash };
  return found;
}

/**
 * Holds external ids of a workspace until the transaction ends: who else starts a run with one of them waits. Everybody takes
 * several in one order, so nobody waits in a circle.
 */
export async function lockExternalIds(
  client: Pick<PoolClient, 'query'>,
  workspaceUuid: string,
  externalIds: readonly string[],
): Promise<void> {
  const names = externalIds.map((externalId) => `external id ${workspaceUuid} ${externalId}`);
  await client.query(
    `select pg_advisory_xact_lock(key) from (
       select distinct hashtextextended(name, 0) as key from unnest($1::text[]) as name order by key) as keys`,
    [names],
  );
}

/** Which of these external ids runs of other workflows of the workspace have. */
export async function usedElsewhere(
  client: Pick<PoolClient, 'query'>,
  asked: { readonly workspaceUuid: string; readonly workflowUuid: string; readonly externalIds: readonly string[] },
): Promise<Set<string>> {
  const { rows } = await client.query<{ external_id: string }>(
    'select external_id from run where workspace_id = $1 and external_id = any($2) and workflow_id <> $3',
    [asked.workspaceUuid, asked.externalIds, asked.workflowUuid],
  );
  return new Set(rows.map((row) => row.external_id));
}
