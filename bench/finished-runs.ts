import { pool } from '#lib/db/client.ts';
import type { BenchWorkflow } from './bench-workflows.ts';

/** Rows of one statement: enough to be fast, few enough to show that something happens. */
const CHUNK = 100_000;
const WEEKS = 4;

/**
 * Fills the database with runs of a 3-step workflow that ended over the last four weeks, made by SQL in the same tables and with
 * the same rows as a worker leaves: 95 of 100 completed, 3 failed in their last step, 2 cancelled; started by the API, a schedule,
 * a hook or a person. About a minute for a million. Answers the seconds that it took.
 */
export async function seedFinishedRuns(workflow: BenchWorkflow, count: number): Promise<number> {
  const began = performance.now();
  await coverPast();
  const { rows } = await pool().query<{ workspace: string; hash: string }>(
    `select workspace_id as workspace, definition_hash as hash from workflow w join version v on v.workflow_id = w.id where w.id = $1 limit 1`,
    [workflow.uuid],
  );
  const client = await pool().connect();
  try {
    await client.query('set synchronous_commit = off');
    for (let from = 0; from < count; from += CHUNK) {
      const until = Math.min(count, from + CHUNK);
      await client.query({ text: SEED, values: [from, until, count, rows[0]?.workspace, workflow.uuid, rows[0]?.hash], ...PATIENT });
    }
    await client.query('reset synchronous_commit');
    await client.query({ text: 'vacuum analyze run', ...PATIENT });
    await client.query({ text: 'analyze run_event', ...PATIENT });
    await client.query({ text: 'checkpoint', ...PATIENT });
  } finally {
    client.release();
  }
  return (performance.now() - began) / 1000;
}

const PATIENT = { query_timeout: 600_000 };

/** The partitions that would have been there had the runs come when their ids say. */
async function coverPast(): Promise<void> {
  await pool().query(`do $$
    declare first timestamptz; edge timestamptz; name text;
    begin
      for back in reverse ${WEEKS + 1}..1 loop
        first := (date_trunc('week', now() at time zone 'UTC') - make_interval(weeks => back)) at time zone 'UTC';
        edge := first + interval '7 days';
        name := 'run_event_' || to_char(first at time zone 'UTC', 'YYYY_MM_DD');
        continue when exists (select from journal.partitions() p where journal.first_id(first) < p.upper_id and journal.first_id(edge) > p.lower_id);
        execute format('create table if not exists journal.%I partition of run_event for values from (%L) to (%L)',
          name, journal.first_id(first), journal.first_id(edge));
      end loop;
    end $$`);
}

// $1 from, $2 until, $3 of all, $4 workspace, $5 workflow, $6 definition. Ids are UUIDv7 of the moment at which the run was made.
const SEED = `
with made as materialized (
  select n, at, (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0') || '8' || substr(md5(n::text), 1, 15))::uuid as id,
    case when n % 100 < 95 then 'completed' when n % 100 < 98 then 'failed' else 'cancelled' end as status,
    (array['api','api','api','api','api','api','schedule','schedule','webhook','manual'])[1 + n / 7 % 10] as trigger
  from (select n, now() - interval '${WEEKS} weeks' * (1 - n::float8 / $3::int) - interval '1 minute' as at from generate_series($1::int, $2::int - 1) as n) as t
), runs as (
  insert into run (id, workspace_id, workflow_id, version, definition_hash, status, trigger, input, output, error, epoch, last_seq, progress,
    created_at, started_at, completed_at)
  select id, $4::uuid, $5::uuid, 1, $6, status, trigger, json_build_object('customer', 'acme', 'order', n),
    case when status = 'completed' then '{"s3":null}'::json end,
    case when status = 'failed' then '{"code":"HTTP_503","message":"The server answered 503","step":"s3"}'::json
      when status = 'cancelled' then '{"code":"RUN_CANCELLED","message":"The run was cancelled"}'::json end,
    1, 9, case when status = 'completed' then 1 else 0.67 end, at, at + interval '2 ms', at + interval '6 ms'
  from made
)
insert into run_event (run_id, seq, type, step, attempt, at, data)
select id, e.seq, case when e.step = 's3' and status <> 'completed' then 'step_' || status else e.type end, e.step, case when e.step is not null then 1 end,
  at + e.seq * interval '0.6 ms',
  case e.seq when 1 then json_build_object('trigger', trigger, 'version', 1)
    when 2 then null
    when 9 then json_build_object('status', status, 'output', null, 'error', null, 'duration_seconds', 0.004)
    else json_build_object('output', null, 'started_at', floor(extract(epoch from at) * 1000)::bigint, 'start', json_build_object('execution', 1)) end
from made, (values (1, 'run_queued', null), (2, 'run_started', null), (4, 'step_completed', 's1'), (6, 'step_completed', 's2'),
  (8, 'step_completed', 's3'), (9, 'run_completed', null)) as e(seq, type, step)`;
