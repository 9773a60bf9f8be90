import { idFromUuid } from '#lib/base/ids.ts';
import { pool } from '#lib/db/client.ts';
import { readAllEvents } from '#lib/db/run-events.ts';
import type { Report } from './effects.ts';
import type { Followed } from './follow.ts';
import { type Accepted, LIMIT } from './workload.ts';

/**
 * Holds what happened in the world and in the journals against the promises. Each function answers what is broken, in
 * sentences; nothing where the promise was kept.
 */

/** Side effects of an accepted run, without its child's. */
const EFFECTS = {
  order: ['begin', 'fan[0].one', 'fan[1].one', 'fan[2].one', 'fan[3].one', 'flaky', 'finish'],
  limited: ['inside', 'after'],
} as const;

interface RunRow {
  readonly uuid: string;
  readonly id: string;
  readonly status: string;
  readonly schedule: { readonly id: string; readonly due_at_ms: number } | null;
}

export async function allRuns(): Promise<RunRow[]> {
  const { rows } = await pool().query<{ uuid: string; status: string; schedule: RunRow['schedule'] }>(
    'select id as uuid, status, schedule from run',
  );
  return rows.map((row) => ({ ...row, id: idFromUuid('run', row.uuid) }));
}

/** Every accepted run, and every run that came of it, ended as it should; nobody made one that nobody asked for. */
export function unended(runs: readonly RunRow[], accepted: readonly Accepted[]): string[] {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const missing = accepted.filter(({ runId }) => !byId.has(runId)).map(({ runId }) => `${runId} was accepted and does not exist`);
  const open = runs.filter(({ status }) => status !== 'completed').map(({ id, status }) => `${id} is ${status}`);
  const orders = accepted.filter(({ kind }) => kind === 'order').length;
  const expected = accepted.length + orders + runs.filter(({ schedule }) => schedule !== null).length;
  const doubled =
    new Set(accepted.map(({ runId }) => runId)).size === accepted.length ? [] : ['a start was answered with the run of another'];
  return [...missing, ...open, ...doubled, ...(runs.length === expected ? [] : [`there are ${runs.length} runs instead of ${expected}`])];
}

/** Journals without gap or doubling, and the moment of each step's end by its key. */
export async function readJournals(
  runs: readonly RunRow[],
): Promise<{ faults: string[]; ends: Map<string, number>; lengths: Map<string, number> }> {
  const [faults, ends, lengths] = [[] as string[], new Map<string, number>(), new Map<string, number>()];
  for (const run of runs) {
    const events = await readAllEvents(run.uuid);
    lengths.set(run.id, events.length);
    if (events.some((event, index) => event.seq !== index + 1)) faults.push(`${run.id} has a gap in its journal`);
    for (const event of events) {
      if (event.type !== 'step_completed') continue;
      const name = `${run.id}:${event.step}`;
      if (ends.has(name)) faults.push(`${name} ended twice in the journal`);
      ends.set(name, event.at);
    }
  }
  return { faults, ends, lengths };
}

/** Each step acted under one key, none after its end was in the journal, and all that should have acted did. */
export function wrongEffects({ requests }: Report, ends: ReadonlyMap<string, number>, accepted: readonly Accepted[]): string[] {
  const faults: string[] = [];
  const keys = new Map<string, Set<string>>();
  const answered = new Set<string>();
  for (const { key, at, answered: end } of requests) {
    const name = key.split(':').slice(0, 2).join(':');
    keys.set(name, (keys.get(name) ?? new Set()).add(key));
    if (end !== null) answered.add(name);
    if (at > (ends.get(name) ?? Number.POSITIVE_INFINITY))
      faults.push(`${name} was done again ${at - (ends.get(name) ?? 0)} ms after its end`);
  }
  for (const [name, used] of keys) if (used.size > 1) faults.push(`${name} was done under ${used.size} keys: ${[...used].join(', ')}`);
  for (const { runId, kind } of accepted) {
    for (const step of EFFECTS[kind]) if (!answered.has(`${runId}:${step}`)) faults.push(`${runId}:${step} was never done`);
  }
  return faults;
}

/** Requests that came again with a key that had been seen, beside those that were refused on purpose. */
export function repeats({ requests }: Report): number {
  const normal = requests.filter(({ path }) => !path.startsWith('/flaky/'));
  return normal.length - new Set(normal.map(({ key }) => key)).size;
}

/** Never more runs inside than the limit allows, as many as it allows while there were enough, and nothing held at the end. */
export async function brokenLimit({ mostLimited }: Report): Promise<string[]> {
  const { rows } = await pool().query<{ left: number }>('select count(*)::int as left from limit_slot');
  const left = rows[0]?.left ?? 0;
  return [
    ...(mostLimited > LIMIT ? [`${mostLimited} runs were inside of a limit of ${LIMIT}`] : []),
    ...(mostLimited < LIMIT ? [`never more than ${mostLimited} runs were inside of a limit of ${LIMIT}, though more waited`] : []),
    ...(left > 0 ? [`${left} slots are held after the last run ended`] : []),
  ];
}

/** Each due time, without a gap from the first to the last, started one run, which acted once. */
export async function brokenSchedules(
  schedules: readonly string[],
  runs: readonly RunRow[],
  { requests }: Report,
): Promise<{ faults: string[]; fires: number }> {
  const faults: string[] = [];
  const { rows } = await pool().query<{ uuid: string; due: number; outcome: string }>(
    'select schedule_id as uuid, (extract(epoch from due_at) * 1000)::float8 as due, outcome from schedule_fire order by 1, 2',
  );
  for (const { uuid, due, outcome } of rows)
    if (outcome !== 'started') faults.push(`${uuid} at ${new Date(due).toISOString()} was ${outcome}`);
  for (const schedule of schedules) {
    const dues = rows.filter(({ uuid }) => idFromUuid('sched', uuid) === schedule).map(({ due }) => due);
    if (dues.length < 16) faults.push(`${schedule} fired ${dues.length} times`);
    if (dues.some((due, index) => index > 0 && due - (dues[index - 1] ?? 0) !== 60_000)) faults.push(`${schedule} missed a due time`);
    const started = runs.filter((run) => run.schedule?.id === schedule);
    for (const due of dues) {
      const mine = started.filter((run) => run.schedule?.due_at_ms === due);
      const acted = new Set(requests.filter(({ path }) => path === `/schedule/${schedule}/${due}`).map(({ key }) => key));
      if (mine.length !== 1 || acted.size !== 1) faults.push(`${schedule} at ${due}: ${mine.length} runs, ${acted.size} keys`);
    }
  }
  return { faults, fires: rows.length };
}

/** Every reader saw each event once, in order, to the end. */
export function brokenStreams(followed: readonly Followed[], lengths: ReadonlyMap<string, number>): string[] {
  return followed.flatMap(({ runId, ids }) => {
    const all = lengths.get(runId) ?? 0;
    const exact = ids.length === all && ids.every((id, index) => id === index + 1);
    return exact ? [] : [`a reader of ${runId} saw ${ids.join(',')} of 1 to ${all}`];
  });
}
