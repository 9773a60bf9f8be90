import type { PoolClient } from 'pg';
import { uuidFromId } from '#lib/base/ids.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { type Control, grant, holdRun } from '#lib/engine/control.ts';
import type { RunStatus } from '#lib/engine/events.ts';
import { planReopen, type Refusal, type ReopenRequest } from '#lib/engine/resume.ts';
import { isFinal, type RunState } from '#lib/engine/state.ts';
import { ENGINE_VERSION } from '#lib/engine/version.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import { rootOfKey } from '#lib/workflow/step-key.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { type AuditEntry, insertAuditRow } from './audit.ts';
import { type Change, changeParked, loadState, type ParkedRun } from './change-run.ts';
import { liveChildren } from './children.ts';
import { ensureDispatcher } from './dispatcher.ts';
import { admitRuns } from './limits.ts';
import { dropMail } from './mailbox.ts';
import { CONTROL_CHANNEL, notifyRuns } from './notify.ts';
import { transaction } from './transaction.ts';

/**
 * What came of a wish. `refused`: the run does not allow it, `message` says why where its status alone does not;
 * `status` is the run's, after what was done.
 */
export type ControlAnswer =
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly status: RunStatus; readonly refusal?: Refusal }
  | { readonly kind: 'accepted'; readonly status: RunStatus; readonly plan?: ReopenPlan };

/** Ids of the steps that run (again), and of those whose results stay. */
export interface ReopenPlan {
  readonly runsAgain: readonly string[];
  readonly kept: readonly string[];
}

/** Which run, and who asks. Ids are wire ids. */
export interface Place {
  readonly workspaceId: string;
  readonly runId: string;
  readonly catalog: StepCatalog;
  /** Without one nothing is noted in the audit log. */
  readonly actor?: AuditEntry['actor'];
}

/**
 * Cancels a run, with `rollback` undoing what it did. One that a worker drives gets a flag, which its owner sees within
 * milliseconds; one without an owner (queued, parked, paused) is ended here, in the same transaction.
 */
export async function requestCancel(place: Place, rollback = false): Promise<ControlAnswer> {
  return control(place, rollback ? 'rollback' : 'cancel', 'run.cancelled', rollback ? { rollback } : undefined);
}

/** Pauses a run: what is in flight finishes, nothing new starts, timers stand still. */
export async function requestPause(place: Place): Promise<ControlAnswer> {
  return control(place, 'pause', 'run.paused');
}

/** As `requestPause`, because the run that waits for it is paused: one that has not begun is held back, too. */
export async function requestHold(place: Place): Promise<ControlAnswer> {
  return control(place, 'pause', TOLD);
}

/** As `requestResume`, because the run that waits for it goes on. */
export async function requestRelease(place: Place): Promise<ControlAnswer> {
  return control(place, 'resume', TOLD);
}

/** Lets a paused run go on. One that is still pausing forgets the wish. */
export async function requestResume(place: Place): Promise<ControlAnswer> {
  return control(place, 'resume', 'run.resumed');
}

/** What is to run again under the same id. */
export interface ReopenWish extends Pick<ReopenRequest, 'kind' | 'fromStep'> {
  readonly onto?: { readonly graph: Graph; readonly hash: string; readonly version: number | null };
  /** Only answers what would happen. */
  readonly dryRun?: boolean;
}

/** Runs a run again from a step, what failed of it, or all of it. A run under way can be restarted only. */
export async function requestReopen(place: Place, wish: ReopenWish): Promise<ControlAnswer> {
  const { fromStep, kind, onto, dryRun = false } = wish;
  const data = { ...(fromStep === null ? {} : { from_step: fromStep }), ...(onto === undefined ? {} : { version: onto.version }) };
  const action = { resume: 'run.resumed', retry: 'run.retried', restart: 'run.restarted' }[kind];
  const answer = await decide(place, dryRun ? null : { action, data }, async (client, run) => {
    if (run.engine > ENGINE_VERSION) return tooNew(run);
    const before = await loadState(run, place.catalog);
    const plan = planReopen(before, { kind, fromStep, ...(onto === undefined ? {} : { onto }) }, Date.now());
    if (!plan.ok) return { kind: 'refused', status: run.status, refusal: plan };
    const told = { runsAgain: plan.event.reset, kept: plan.kept };
    // Nothing has happened yet that could be dropped.
    if (dryRun || (kind === 'restart' && run.status === 'queued')) return { kind: 'accepted', status: run.status, plan: told };
    const driven = !isParked(run) && !(isFinal(run.status) && run.owner === null);
    if (driven && (kind !== 'restart' || isCancelled(run.control))) return { kind: 'refused', status: run.status };
    if (kind === 'restart' && fromStep === null) await dropMail(client, run.id);
    if (!driven) {
      const change: Change = { event: plan.event, ...(onto === undefined ? {} : { onto }) };
      return { kind: 'accepted', status: (await changeParked(client, run, before, change)).status, plan: told };
    }
    await flag(client, run.id, fromStep === null ? 'restart' : `restart:${fromStep}`);
    return { kind: 'accepted', status: run.status, plan: told };
  });
  // Steps that run again wait for runs of their own.
  const again = answer.kind === 'accepted' && !dryRun ? (answer.plan?.runsAgain ?? []) : [];
  if (again.length > 0) await tellChildren(place, (step) => (again.includes(rootOfKey(step)) ? 'cancel' : null));
  return answer;
}

/** Deletes an ended run with its journal. `live` while it has not ended. */
export async function deleteRun(place: Omit<Place, 'catalog'>): Promise<'deleted' | 'live' | 'missing'> {
  const [workspace, run] = [uuidFromId('ws', place.workspaceId), uuidFromId('run', place.runId)];
  if (workspace === null || run === null) return 'missing';
  return transaction(async (client) => {
    const row = await lockRun(client, workspace, run);
    if (row === null) return 'missing';
    if (!isFinal(row.status) || row.owner !== null) return 'live';
    await deleteRuns(client, [run]);
    await note(client, workspace, place, 'run.deleted');
    return 'deleted';
  });
}

/** Deletes runs and all that hangs on them, whatever their status. For a caller that has made sure nobody drives them. */
export async function deleteRuns(client: Pick<PoolClient, 'query'>, uuids: readonly string[]): Promise<void> {
  await client.query('delete from run_event where run_id = any($1)', [uuids]);
  await deleteAllButJournals(client, uuids);
}

/** As `deleteRuns`, where the caller has seen to their journals. */
export async function deleteAllButJournals(client: Pick<PoolClient, 'query'>, uuids: readonly string[]): Promise<void> {
  for (const table of ['wait', 'inbox', 'inbox_key', 'blob_use', 'delivery'])
    await client.query(`delete from ${table} where run_id = any($1)`, [uuids]);
  await client.query('delete from run where id = any($1)', [uuids]);
  const { rows } = await client.query<{ key: string }>('delete from limit_slot where run_id = any($1) returning key', [uuids]);
  if (rows.length > 0)
    await admitRuns(
      client,
      rows.map((row) => row.key),
    );
}

interface LockedRun extends ParkedRun {
  readonly status: RunStatus;
  readonly owner: string | null;
  readonly control: Control;
  readonly gate: string | null;
  readonly engine: number;
}

/** What comes from the run that waits for it and not from a person; nothing is noted of it. */
const TOLD = 'run.told';

/** A wish that is a flag to whoever drives the run, and an event where nobody does. */
async function control(place: Place, wish: Control, action: string, data?: JsonObject): Promise<ControlAnswer> {
  let wasParked = false;
  const answer = await decide(place, { action, ...(data === undefined ? {} : { data }) }, async (client, run) => {
    if (isFinal(run.status)) return { kind: 'refused', status: run.status };
    if (action === TOLD) await keepTold(client, run.id, wish);
    if (isParked(run)) {
      if (run.engine > ENGINE_VERSION) return tooNew(run);
      wasParked = true;
      const before: RunState = await loadState(run, place.catalog);
      const event = action === TOLD && wish === 'pause' ? holdRun(before, Date.now()) : grant(before, wish, Date.now());
      if (event === null) return { kind: 'refused', status: run.status };
      return { kind: 'accepted', status: (await changeParked(client, run, before, { event })).status };
    }
    // One that is paused and has an owner yet is about to be given back; whoever drives it next sees the flag.
    if (wish === 'resume' && run.control !== 'pause' && run.status !== 'pausing' && run.status !== 'paused')
      return { kind: 'refused', status: run.status };
    if (wish === 'pause' && action !== TOLD && isPausing(run)) return pausedAlready(run);
    if (run.status === 'rolling_back') return { kind: 'refused', status: run.status };
    // A restart that was accepted a moment ago is not lost to a weaker wish.
    if (run.control.startsWith('restart') && !isCancelled(wish)) return { kind: 'refused', status: run.status };
    // A cancel is never taken back by a later, weaker wish.
    if (!isCancelled(run.control)) await flag(client, run.id, wish);
    return { kind: 'accepted', status: run.status };
  });
  if (wasParked && answer.kind === 'accepted') await tellChildren(place, () => wish);
  return answer;
}

/** Passes on what was done to a run that nobody drives. A worker passes on what it takes in itself. */
async function tellChildren({ runId, catalog }: Place, wishFor: (step: string) => Control | null): Promise<void> {
  for (const { step, ...child } of await liveChildren(uuidFromId('run', runId) ?? '')) {
    const wish = wishFor(step);
    if (wish !== null) await control({ ...child, catalog }, wish, TOLD);
  }
}

function pausedAlready({ status }: LockedRun): ControlAnswer {
  const message = `This run is ${status === 'paused' ? '' : 'being '}paused already`;
  return { kind: 'refused', status, refusal: { ok: false, code: 'wrong_status', message } };
}

/** A resume that was accepted and not yet seen takes the pause back, so that another one is a wish of its own. */
function isPausing({ control, status }: LockedRun): boolean {
  return control === 'pause' || (control === 'none' && (status === 'pausing' || status === 'paused'));
}

/** Its journal may hold what this version would misread. */
function tooNew({ status }: LockedRun): ControlAnswer {
  const message = 'A newer version of this server has worked on this run, and the one that answers cannot change it';
  return { kind: 'refused', status, refusal: { ok: false, code: 'wrong_status', message } };
}

/** That a pause or a resume of the run that waits for this one has come down to it: the sweep looks for those that did not. */
async function keepTold(client: PoolClient, run: string, wish: Control): Promise<void> {
  if (wish === 'pause' || wish === 'resume') await client.query('update run set told_to_pause = $2 where id = $1', [run, wish === 'pause']);
}

/** Without an owner, these have nothing in flight that a worker would have to judge first. */
const PARKED: readonly RunStatus[] = ['queued', 'waiting', 'paused'];

/** Behind its limit a run has nothing in flight, whatever its status. */
function isParked(run: LockedRun): boolean {
  return run.owner === null && (PARKED.includes(run.status) || (run.gate !== null && !isFinal(run.status)));
}

function isCancelled(flag: Control): boolean {
  return flag === 'cancel' || flag === 'rollback';
}

async function flag(client: PoolClient, run: string, wish: Control): Promise<void> {
  await client.query('update run set control = $2 where id = $1', [run, wish]);
  await client.query('select pg_notify($1, $2)', [CONTROL_CHANNEL, run]);
}

/** Decides under the run's row lock, so that of two who ask at once the second sees what the first has done. */
async function decide(
  place: Place,
  done: { readonly action: string; readonly data?: JsonObject } | null,
  work: (client: PoolClient, run: LockedRun) => Promise<ControlAnswer>,
): Promise<ControlAnswer> {
  const [workspace, run] = [uuidFromId('ws', place.workspaceId), uuidFromId('run', place.runId)];
  if (workspace === null || run === null) return { kind: 'missing' };
  await ensureDispatcher();
  const answer = await inTurn(async (client): Promise<ControlAnswer> => {
    const row = await lockRun(client, workspace, run);
    if (row === null) return { kind: 'missing' };
    const decided = await work(client, row);
    if (decided.kind === 'accepted' && done !== null) await note(client, workspace, place, done.action, done.data);
    return decided;
  });
  notifyRuns([run]);
  return answer;
}

async function note(
  client: PoolClient,
  workspaceUuid: string,
  place: Omit<Place, 'catalog'>,
  action: string,
  data?: JsonObject,
): Promise<void> {
  const { actor, runId: targetId } = place;
  if (actor === undefined) return;
  const more = data === undefined || Object.keys(data).length === 0 ? {} : { data };
  await insertAuditRow(client, { workspaceUuid, actor, action, targetId, ...more });
}

async function lockRun(client: PoolClient, workspace: string, run: string): Promise<LockedRun | null> {
  const { rows } = await client.query<LockedRun>(
    'select id, status, owner, definition_hash, last_seq, control, concurrency_key, gate, engine from run where id = $1 and workspace_id = $2 for update',
    [run, workspace],
  );
  return rows[0] ?? null;
}

/**
 * A change reads the journal on a second connection while it holds the run's row on its first. If as many changes as the
 * pool has connections began at once, each would wait for a second one for ever.
 */
const MOST_AT_ONCE = 3;
/** One for each process, as the pool is. */
const registry = globalThis as typeof globalThis & { weftlineChanges?: { free: number; readonly queue: (() => void)[] } };

async function inTurn<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
  registry.weftlineChanges ??= { free: MOST_AT_ONCE, queue: [] };
  const turns = registry.weftlineChanges;
  if (turns.free > 0) turns.free -= 1;
  else await new Promise<void>((resolve) => turns.queue.push(resolve));
  try {
    return await transaction(work);
  } finally {
    const next = turns.queue.shift();
    if (next === undefined) turns.free += 1;
    else next();
  }
}
