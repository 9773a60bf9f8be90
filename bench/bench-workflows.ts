import { idFromUuid, uuidFromId, uuidv7 } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import { PERMISSIONS } from '#lib/contracts/contract.ts';
import { database, pool } from '#lib/db/client.ts';
import { createRuns } from '#lib/db/create-runs.ts';
import { storeDefinition } from '#lib/db/definitions.ts';
import { createKey } from '#lib/server/create-key.ts';
import { testAccess } from '#lib/server/test-workspace.ts';
import type { Step } from '#lib/workflow/definition.ts';

/** A workflow of a workspace of its own, with a version that can be started by the API too. */
export interface BenchWorkflow {
  readonly id: string;
  readonly uuid: string;
  /** For the API. */
  readonly key: string;
  /** Starts runs without the API; answers their ids. */
  start(count?: number, input?: Json): Promise<string[]>;
}

/** Runs of one statement when runs are stored without the API. */
const BATCH = 1000;

export async function storeWorkflow(steps: readonly (Partial<Step> & { id: string })[], name = 'bench'): Promise<BenchWorkflow> {
  const access = await testAccess(name);
  const { key } = await createKey(access, { params: {}, query: {}, body: { name, scopes: [...PERMISSIONS], expires_at: null } });
  const definition = { name, steps: steps.map((step) => ({ type: 'work', ...step })) };
  const definitionHash = await storeDefinition(database(), definition);
  const uuid = uuidv7();
  const workspaceId = access.workspaceId;
  await database().workflow.create({
    data: { id: uuid, workspaceId: uuidFromId('ws', workspaceId) ?? '', name, status: 'active', currentVersion: 1 },
  });
  await database().version.create({ data: { workflowId: uuid, number: 1, definitionHash } });
  const id = idFromUuid('wf', uuid);
  return {
    id,
    uuid,
    key,
    async start(count = 1, input = {}) {
      const run = { workspaceId, workflowId: id, version: 1, definitionHash, trigger: 'api', input };
      const ids: string[] = [];
      for (let left = count; left > 0; left -= BATCH) {
        const made = await createRuns(Array.from({ length: Math.min(left, BATCH) }, () => run));
        ids.push(...made.map((one) => one.runId));
      }
      return ids;
    },
  };
}

/** Waits until so many runs of the workflow have ended, whatever became of them. */
export async function untilAllEnded(workflow: BenchWorkflow, runs: number, { millis = 120_000, pause = 100 } = {}): Promise<void> {
  const until = Date.now() + millis;
  for (;;) {
    const { rows } = await pool().query<{ open: number; total: number }>({
      name: 'bench_open',
      text: 'select count(*) filter (where completed_at is null)::int as open, count(*)::int as total from run where workflow_id = $1',
      values: [workflow.uuid],
    });
    if (rows[0]?.open === 0 && rows[0].total >= runs) return;
    if (Date.now() > until) throw new Error(`${rows[0]?.open} of ${rows[0]?.total} runs have not ended after ${millis} ms`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

export interface Counted {
  /** Milliseconds since the epoch. */
  readonly firstStart: number;
  readonly lastEnd: number;
  /** Rows that workers wrote: all but those of the starts. */
  readonly rows: number;
}

/**
 * Nothing lost, nothing doubled, in the database itself: exactly these runs are there, each completed, with the end of each of
 * its steps once, its own end once, and numbers without gaps.
 */
export async function countInDatabase(workflow: BenchWorkflow, { runs, steps }: { runs: number; steps: number }): Promise<Counted> {
  const { rows } = await pool().query<Counted & { runs: number; completed: number; ends: number; distinct: number; over: number }>(
    `with own as materialized (select id, status, started_at, completed_at from run where workflow_id = $1),
      journal as materialized (select e.run_id, e.type, e.step from own join run_event e on e.run_id = own.id)
    select (select count(*) from own)::int as runs, (select count(*) from own where status = 'completed')::int as completed,
      (select extract(epoch from min(started_at))::float8 * 1000 from own) as "firstStart",
      (select extract(epoch from max(completed_at))::float8 * 1000 from own) as "lastEnd",
      (select count(*) from journal where type <> 'run_queued')::int as rows,
      (select count(*) from journal where type = 'step_completed')::int as ends,
      (select count(*) from (select distinct run_id, step from journal where type = 'step_completed') as d)::int as distinct,
      (select count(*) from journal where type = 'run_completed')::int as over`,
    [workflow.uuid],
  );
  const found = rows[0];
  const wanted = { runs, completed: runs, ends: runs * steps, distinct: runs * steps, over: runs };
  for (const [name, count] of Object.entries(wanted)) {
    const is = found?.[name as keyof typeof wanted];
    if (is !== count) throw new Error(`The database has ${is} ${name} where there must be ${count}: the figure would be worth nothing`);
  }
  if (found === undefined) throw new Error('The database did not answer');
  return found;
}
