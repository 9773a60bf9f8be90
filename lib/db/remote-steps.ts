import type { Json, JsonObject } from '#lib/base/json.ts';
import type { RemoteReport } from '#lib/engine/remote.ts';
import { pool } from './client.ts';
import { ensureDispatcher } from './dispatcher.ts';

/**
 * Steps that workers offer to those who serve other queues. An offer is the row of a wait of kind `remote`; it stands until
 * the run's owner has journaled how the step ended. Whoever claims it executes the step and reports by mail.
 *
 *     offered ─claim─▶ claimed ─begins─▶ begun ─ends─▶ answered       withdrawn: the row is gone, or has another token
 *        ▲               │                 └─ its worker is gone ─▶ answered (`lost`): the run's owner judges it
 *        └───────────────┘ its worker is gone
 */
export interface ClaimedStep {
  /** Uuids of the offer and the run. */
  readonly id: string;
  readonly runId: string;
  /** Step key. */
  readonly step: string;
  readonly token: string;
  readonly attempt: number;
}

// The most urgent first, then the oldest. What a paused run has offered waits until it goes on.
const CLAIM = `
with me as materialized (select id, workspace_id from worker where id = $1 and status = 'alive' for key share),
fresh as materialized (
  select picked.id, picked.priority from me, unnest($3::text[]) as served(queue),
  lateral (select w.id, w.priority from wait w join run r on r.id = w.run_id
    where w.kind = 'remote' and w.claimed_by is null and not w.answered and w.queue = served.queue and r.status in ('running', 'waiting')
      and r.engine <= $4
      and (me.workspace_id is null or w.workspace_id = me.workspace_id)
    order by w.priority desc, w.id limit $2 for update of w skip locked) picked
), picked as (select id, priority from fresh order by priority desc, id limit $2), taken as (
  update wait set claimed_by = $1 from picked where wait.id = picked.id
  returning wait.id, wait.run_id, wait.step, wait.token, wait.attempt, wait.priority
)
select id, run_id as "runId", step, token, attempt from taken order by priority desc, id`;

/** Takes up to `limit` offers of these queues. */
export async function claimOffers(
  { workerId, queues, engine }: { readonly workerId: string; readonly queues: readonly string[]; readonly engine: number },
  limit: number,
): Promise<ClaimedStep[]> {
  if (limit < 1) return [];
  const { rows } = await pool().query<ClaimedStep>({ name: 'claim_offers', text: CLAIM, values: [workerId, limit, queues, engine] });
  return rows;
}

export interface NewReport {
  readonly offer: ClaimedStep;
  readonly report: RemoteReport;
}

/** Reports to the runs, in order. False for an offer that was withdrawn, or when this worker was declared dead. */
export async function postReports(workerId: string, reports: readonly NewReport[]): Promise<boolean[]> {
  await ensureDispatcher();
  const rows = reports.map(({ offer: { id, runId: run_id, token, step }, report }) => {
    return { id, run_id, token, step, payload: JSON.stringify(report), begins: report.kind === 'started', ends: report.kind === 'ended' };
  });
  const { rows: answers } = await pool().query<{ answer: string }>({
    name: 'post_remote',
    text: 'select answer from post_remote($1, $2::json) order by nr',
    values: [workerId, JSON.stringify(rows)],
  });
  return answers.map((row) => row.answer === 'posted');
}

/** Of these offers, those that still stand and are this worker's; by id, with their tokens. */
export async function standingOffers(workerId: string): Promise<Map<string, string>> {
  const text = 'select id, token from wait where claimed_by = $1';
  const { rows } = await pool().query<{ id: string; token: string }>({ name: 'standing_offers', text, values: [workerId] });
  return new Map(rows.map((row) => [row.id, row.token]));
}

/** Gives offers back that nobody here has begun: all that the worker has claimed but those known. */
export async function giveBackOffers(workerId: string, known: readonly string[]): Promise<void> {
  await pool().query('update wait set claimed_by = null where claimed_by = $1 and not begun and id <> all($2::uuid[])', [workerId, known]);
}

/** Frees what workers that are gone had claimed. Answers how many offers. */
export async function freeRemote(): Promise<number> {
  await ensureDispatcher();
  const { rows } = await pool().query<{ freed: number }>({ name: 'free_remote', text: 'select free_remote() as freed' });
  return rows[0]?.freed ?? 0;
}

/** What the expressions and executors of a run's steps see beside its journal. */
export interface RunFactsRow {
  /** Uuids. */
  readonly id: string;
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly version: number | null;
  readonly definitionHash: string;
  readonly trigger: string;
  readonly schedule: JsonObject | null;
  readonly savedState: Json;
  readonly input: Json;
  readonly createdAt: Date;
}

export async function readRunFacts(uuids: readonly string[]): Promise<RunFactsRow[]> {
  const { rows } = await pool().query<RunFactsRow>({
    name: 'read_run_facts',
    text: `select id, workspace_id as "workspaceId", workflow_id as "workflowId", version, definition_hash as "definitionHash", trigger, schedule,
      saved_state as "savedState", input, created_at as "createdAt" from run where id = any($1)`,
    values: [uuids],
  });
  return rows;
}

/** A queue for which something has waited for a while, without a live worker that serves it. */
export interface UnservedQueue {
  readonly queue: string;
  readonly runs: number;
  readonly steps: number;
  /** Since when the oldest of them waits. */
  readonly since: Date;
}

// A worker that is being restarted is away for a moment; that is no news.
const UNSERVED = `
with served as materialized (select distinct unnest(queues) as queue, engine from worker where status = 'alive' and lease_until > now())
select queue, sum(runs)::int as runs, sum(steps)::int as steps, min(since) as since from (
  select queue, count(*) as runs, 0 as steps, min(created_at) as since from run
  where status = 'queued' and gate is null and not exists (select from served s where s.queue = run.queue and s.engine >= run.engine) group by queue
  union all
  select queue, 0, count(*), min(created_at) from wait
  where kind = 'remote' and claimed_by is null and not answered and queue not in (select queue from served) group by queue
) waiting group by queue having min(since) < now() - $1 * interval '1 ms' order by queue limit 100`;

export async function unservedQueues(patience: number): Promise<UnservedQueue[]> {
  const { rows } = await pool().query<UnservedQueue>({ name: 'unserved_queues', text: UNSERVED, values: [patience] });
  return rows;
}
