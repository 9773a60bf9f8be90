import { idFromUuid } from '#lib/base/ids.ts';
import { Batcher } from './batcher.ts';
import { pool } from './client.ts';

/**
 * Runs that steps of other runs have started. That a child has ended is told to its parent by the database (migration 0031),
 * in whichever transaction ends it.
 */

/** A run that is under way for a step that waits for it. Wire ids. */
export interface LiveChild {
  readonly workspaceId: string;
  readonly runId: string;
  readonly step: string;
}

/** The live runs that steps of this run (uuid) wait for. */
export async function liveChildren(parentUuid: string): Promise<LiveChild[]> {
  const { rows } = await pool().query<{ id: string; workspace_id: string; parent_step: string }>({
    name: 'live_children',
    text: `select id, workspace_id, parent_step from run where parent_run_id = $1 and parent_waits and status not in ('completed', 'failed', 'cancelled')`,
    values: [parentUuid],
  });
  return rows.map(toLive);
}

/**
 * Live runs that nobody waits for any more, at most `most`: their parent has ended, is gone, or went on without them. A step
 * that waits has a row in `wait` from before its run is made, in the statement that makes it wait, until it waits no longer. Its
 * data is searched as text: it holds the run's input, and where that has a NUL `->>` refuses all of it.
 */
export async function orphanedChildren(most: number): Promise<LiveChild[]> {
  const { rows } = await pool().query<{ id: string; workspace_id: string; parent_step: string }>(
    `select c.id, c.workspace_id, c.parent_step from run c left join run p on p.id = c.parent_run_id
      where c.parent_run_id is not null and c.parent_waits and c.status not in ('completed', 'failed', 'cancelled') and c.control not in ('cancel', 'rollback')
        and c.status <> 'rolling_back' and (p.id is null or p.status in ('completed', 'failed', 'cancelled') or not exists (
          select from wait w where w.run_id = c.parent_run_id and w.step = c.parent_step and position('"run_id":"run_' || replace(c.id::text, '-', '') || '"' in w.data::text) > 0))
      limit $1`,
    [most],
  );
  return rows.map(toLive);
}

/** A run that does not know yet what the run which waits for it was told. */
export interface UntoldChild extends LiveChild {
  readonly wish: 'pause' | 'resume';
}

/**
 * Live runs to which a pause or a resume by hand of the run that waits for them has not come down, at most `most`: whoever had
 * to tell them died before. What people ask of such a run itself stands, as long as the other does not change.
 */
export async function untoldChildren(most: number): Promise<UntoldChild[]> {
  const { rows } = await pool().query<{ id: string; workspace_id: string; parent_step: string; wish: 'pause' | 'resume' }>({
    name: 'untold_children',
    text: `select c.id, c.workspace_id, c.parent_step, case when c.told_to_pause then 'resume' else 'pause' end as wish
      from run c join run p on p.id = c.parent_run_id
      where c.parent_run_id is not null and c.parent_waits and c.status not in ('completed', 'failed', 'cancelled', 'rolling_back')
        and p.control not in ('pause', 'resume') and case when c.told_to_pause then p.status in ('queued', 'running', 'waiting')
          else p.status in ('pausing', 'paused') and (select e.data->>'reason' from run_event e where e.run_id = p.id
            and e.type in ('run_pausing', 'run_paused', 'run_resumed') order by e.seq desc limit 1) = 'request' end
      limit $1`,
    values: [most],
  });
  return rows.map((row) => ({ ...toLive(row), wish: row.wish }));
}

function toLive(row: { id: string; workspace_id: string; parent_step: string }): LiveChild {
  return { workspaceId: idFromUuid('ws', row.workspace_id), runId: idFromUuid('run', row.id), step: row.parent_step };
}

export interface Ancestor {
  /** Uuid. */
  readonly workflowId: string;
  readonly priority: number;
  readonly trigger: string;
}

/** The run (uuid) and those that it was started by, nearest first, at most `most`. */
export async function lineOf(runUuid: string, most: number): Promise<Ancestor[]> {
  const { rows } = await pool().query<{ workflow_id: string; priority: number; trigger: string }>({
    name: 'line_of_run',
    text: `with recursive line as (
        select workflow_id, parent_run_id, priority, trigger, 1 as depth from run where id = $1
        union all
        select r.workflow_id, r.parent_run_id, r.priority, r.trigger, line.depth + 1 from line join run r on r.id = line.parent_run_id where line.depth < $2
      ) select workflow_id, priority, trigger from line order by depth`,
    values: [runUuid, most],
  });
  return rows.map((row) => ({ workflowId: row.workflow_id, priority: row.priority, trigger: row.trigger }));
}

/** True where the run (uuid) exists. Questions that come together, such as those of a loop with many runs, are one query. */
export function runExists(runUuid: string): Promise<boolean> {
  registry.weftlineExistingRuns ??= new Batcher(runsExist, 1000);
  return registry.weftlineExistingRuns.add(runUuid);
}

const registry = globalThis as typeof globalThis & { weftlineExistingRuns?: Batcher<string, boolean> };

async function runsExist(uuids: readonly string[]): Promise<boolean[]> {
  const { rows } = await pool().query<{ id: string }>({
    name: 'runs_exist',
    text: 'select id from run where id = any($1)',
    values: [uuids],
  });
  const found = new Set(rows.map((row) => row.id));
  return uuids.map((uuid) => found.has(uuid));
}
