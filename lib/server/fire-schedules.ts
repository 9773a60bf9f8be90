import { idFromUuid, uuidFromId } from '#lib/base/ids.ts';
import { requestCancel } from '#lib/db/control-runs.ts';
import { createRuns } from '#lib/db/create-runs.ts';
import {
  type Busy,
  busyOf,
  type Fire,
  fireKey,
  giveUpWaiting,
  type HeldSchedule,
  holdDue,
  holdWaiting,
  insertFires,
  setNext,
  setRuns,
} from '#lib/db/schedule-fires.ts';
import { type Transaction, transaction } from '#lib/db/transaction.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { planDue, planOverlap, type SchedulePlan } from '#lib/workflow/schedule-plan.ts';
import { makeRoom } from './run-limit.ts';
import { planned, readinessOf, runOf, type Start } from './schedule-run.ts';

const NOBODY: Busy = { live: [], waiting: [] };

/** Runs that have to make room. */
interface Victim {
  readonly workspaceId: string;
  readonly runId: string;
  /** The due time that it makes room for. */
  readonly for: string;
}

/**
 * Acts on schedules that are due, at most `limit` of them. One transaction holds what became of each due time, the runs, the
 * jobs that wake workers and the next due times; whoever else looks at the same moment passes the held schedules by.
 * Answers how many schedules were due.
 */
export async function fireDueSchedules(limit: number): Promise<number> {
  let victims: Victim[] = [];
  const starts: Start[] = [];
  const count = await transaction(async (client) => {
    const due = await holdDue(client, limit);
    if (due.length === 0) return 0;
    const busy = await busyOf(
      client,
      due.map((held) => held.uuid),
    );
    const fires: Fire[] = [];
    const asked: Victim[] = [];
    for (const held of due) await actOn(client, held, busy.get(held.uuid) ?? NOBODY, { fires, starts, victims: asked });
    const written = await insertFires(client, fires);
    victims = asked.filter((victim) => written.has(victim.for));
    await startRuns(
      client,
      starts.filter((start) => written.has(fireKey(start.held.uuid, start.due))),
    );
    return due.length;
  });
  await cancelAll(victims);
  for (const start of starts) await makeRoom(start.limit);
  return count;
}

/** Starts what waited for earlier runs of its schedule, where those have ended. Answers how many were started. */
export async function startWaitingFires(limit: number): Promise<number> {
  const victims: Victim[] = [];
  const starts: Start[] = [];
  const count = await transaction(async (client) => {
    const waiting = await holdWaiting(client, limit);
    if (waiting.length === 0) return 0;
    const busy = await busyOf(
      client,
      waiting.map((held) => held.uuid),
    );
    for (const held of waiting) {
      const { live, waiting: lined } = busy.get(held.uuid) ?? NOBODY;
      if (live.length > 0 && held.overlap === 'cancel_running') victims.push(...live.map((run) => victimOf(held, run, lined[0]?.due ?? 0)));
      if (live.length > 0 || lined.length === 0) continue;
      // A backfill was asked for by a person, whatever the workflow's status.
      const mine = held.workflowStatus === 'active' ? lined : lined.filter((one) => one.kind !== 'schedule');
      if (mine.length < lined.length) {
        const passed = lined.filter((one) => one.kind === 'schedule').map((one) => one.due);
        await giveUpWaiting(client, held.uuid, 'inactive', inactive(held), passed);
      }
      const ready = await readinessOf(held);
      if (ready.refusal !== null) await giveUpWaiting(client, held.uuid, 'refused', ready.refusal);
      else if (mine[0] !== undefined) starts.push({ held, due: mine[0].due, limit: ready.limit });
    }
    await startRuns(client, starts);
    return starts.length;
  });
  await cancelAll(victims);
  for (const start of starts) await makeRoom(start.limit);
  return count;
}

/** Makes the runs of due times that are written. Answers their ids in the order given. */
export async function startRuns(client: Transaction, starts: readonly Start[], trigger: 'cron' | 'manual' = 'cron'): Promise<string[]> {
  const made = await createRuns(
    starts.map((start) => runOf(start, trigger)),
    client,
  );
  await setRuns(
    client,
    starts.map((start, index) => ({
      scheduleUuid: start.held.uuid,
      due: start.due,
      runUuid: uuidFromId('run', made[index]?.runId ?? '') ?? '',
    })),
  );
  return made.map((run) => run.runId);
}

interface Outcome {
  readonly fires: Fire[];
  readonly starts: Start[];
  readonly victims: Victim[];
}

async function actOn(client: Transaction, held: HeldSchedule, busy: Busy, outcome: Outcome): Promise<void> {
  const plan = planDue(planned(held), held.nextDue ?? held.now, held.now);
  await setNext(client, held.uuid, plan.next);
  const note = (due: number, what: Fire['outcome'], detail: string | null): void => {
    outcome.fires.push({ scheduleUuid: held.uuid, due, outcome: what, kind: 'schedule', detail });
  };
  if (held.workflowStatus !== 'active') {
    const all = everything(plan);
    if (all !== null) outcome.fires.push({ ...passedOver(held, all), outcome: 'inactive', detail: inactive(held) });
    return;
  }
  if (plan.passed !== null) outcome.fires.push({ ...passedOver(held, plan.passed), outcome: 'missed', detail: missed(held) });
  if (plan.due.length === 0) return;
  const ready = await readinessOf(held);
  if (ready.refusal !== null) {
    for (const due of plan.due) note(due, 'refused', ready.refusal);
    return;
  }
  const { start, wait, skip, cancel, replaceWaiting } = planOverlap(held.overlap, plan.due, busy.live.length, busy.waiting.length);
  if (replaceWaiting && busy.waiting.length > 0) await giveUpWaiting(client, held.uuid, 'skipped', 'A newer time took its place.');
  for (const due of skip) note(due, 'skipped', busy.live.length > 0 ? 'An earlier run was still under way.' : 'Another time came with it.');
  for (const due of wait) note(due, 'waiting', null);
  for (const due of start) {
    note(due, 'started', null);
    outcome.starts.push({ held, due, limit: ready.limit });
  }
  if (cancel) outcome.victims.push(...busy.live.map((run) => victimOf(held, run, plan.due.at(-1) ?? 0)));
}

type Passed = NonNullable<SchedulePlan['passed']>;

function passedOver(held: HeldSchedule, { from, until, count }: Passed) {
  return { scheduleUuid: held.uuid, due: from, kind: 'schedule' as const, count, ...(count > 1 ? { until } : {}) };
}

/** Acted-on and passed-over times as one. */
function everything({ passed, due }: SchedulePlan): Passed | null {
  const [first, last] = [due[0], due.at(-1)];
  if (first === undefined || last === undefined) return passed;
  if (passed === null) return { from: first, until: last, count: due.length };
  return { from: Math.min(passed.from, first), until: Math.max(passed.until, last), count: passed.count + due.length };
}

function inactive(held: HeldSchedule): string {
  return `The workflow was ${held.workflowStatus === 'draft' ? 'a draft' : held.workflowStatus}.`;
}

function missed(held: HeldSchedule): string {
  return held.catchUp === 'skip' ? 'Nothing could fire at that time; missed times are skipped.' : 'Nothing could fire at that time.';
}

function victimOf(held: HeldSchedule, run: string, due: number): Victim {
  return { workspaceId: idFromUuid('ws', held.workspaceUuid), runId: idFromUuid('run', run), for: fireKey(held.uuid, due) };
}

async function cancelAll(victims: readonly Victim[]): Promise<void> {
  for (const { workspaceId, runId } of victims) await requestCancel({ workspaceId, runId, catalog: stepCatalog });
}
