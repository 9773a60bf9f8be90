import { Batcher } from './batcher.ts';
import { pool } from './client.ts';

/** What a follower of a run must know of it. */
export interface FollowedRun {
  readonly status: string;
  readonly lastSeq: number;
  readonly definitionHash: string;
}

interface Ask {
  readonly workspaceUuid: string;
  readonly uuid: string;
}

const MOST_RUNS = 500;
const registry = globalThis as typeof globalThis & { weftlineFollowed?: Batcher<Ask, FollowedRun | null> };
const FIND = `select w.place::int as place, r.status, r.last_seq as "lastSeq", r.definition_hash as "definitionHash"
  from unnest($1::uuid[], $2::uuid[]) with ordinality as w(workspace_id, run_id, place)
  join run r on r.id = w.run_id and r.workspace_id = w.workspace_id`;

/**
 * A run of this workspace, or null. Followers that come together share one look-up: after a restart all open streams of a web
 * process come back in the same second.
 */
export function findFollowed(workspaceUuid: string, uuid: string): Promise<FollowedRun | null> {
  registry.weftlineFollowed ??= new Batcher(findAll, MOST_RUNS);
  return registry.weftlineFollowed.add({ workspaceUuid, uuid });
}

async function findAll(asks: readonly Ask[]): Promise<(FollowedRun | null)[]> {
  const values = [asks.map((ask) => ask.workspaceUuid), asks.map((ask) => ask.uuid)];
  const { rows } = await pool().query<FollowedRun & { place: number }>({ name: 'find_followed', text: FIND, values });
  const found: (FollowedRun | null)[] = asks.map(() => null);
  for (const { place, ...run } of rows) found[place - 1] = run;
  return found;
}
