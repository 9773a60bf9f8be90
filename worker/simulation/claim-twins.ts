import { isProgress, MAX_CRASHES, SUSPECT_CRASHES } from '#lib/db/crashes.ts';
import { type Answer, type Call, NOTHING, rowsOf, type Twin } from './statement.ts';
import { type RunRow, uniqueViolation, type WorkerRow } from './tables.ts';

/** Claims, and the lives of workers (`lib/db/claims.ts`, `workers.ts`). */

function claimed(row: RunRow): object {
  return {
    id: row.id,
    workspace_id: row.workspaceId,
    workflow_id: row.workflowId,
    version: row.version,
    definition_hash: row.definitionHash,
    trigger: row.trigger,
    schedule: null,
    saved_state: null,
    epoch: row.epoch,
    status: row.status,
    last_seq: row.lastSeq,
    crashes: row.crashes,
    control: row.control,
    concurrency_key: row.key,
    parent_waits: row.parentWaits,
    mail: row.mail,
    input: JSON.parse(row.input),
    created_at: new Date(row.createdAt),
    timeout_ms: row.timeoutMs === null ? null : String(row.timeoutMs),
  };
}

function limitOf({ values }: Call): number {
  return Number(values[1]);
}

/** Runs that this worker may take. */
function free({ tables, values, bugs }: Call, fits: (run: RunRow) => boolean): RunRow[] {
  const [worker, , queues] = values as [string, number, readonly string[]];
  if (tables.workers.get(worker)?.status !== 'alive') return [];
  return [...tables.runs.values()].filter((run) => {
    const mayTake = run.owner === null || (bugs.has('stolen claim') && run.owner !== worker);
    return mayTake && run.gate === null && queues.includes(run.queue) && fits(run);
  });
}

function take({ tables, values, now }: Call, picked: readonly RunRow[], starts: boolean): Answer {
  for (const run of picked) {
    const begins = starts ? { status: 'running' as const, startedAt: run.startedAt ?? now } : {};
    tables.changeRun(run, { owner: String(values[0]), epoch: run.epoch + 1, ...begins });
  }
  return rowsOf(picked.map(claimed));
}

const byId = (a: RunRow, b: RunRow): number => (a.id < b.id ? -1 : 1);
const UNDER_WAY: readonly string[] = ['running', 'pausing', 'rolling_back'];

const claims: Twin[] = [
  {
    of: 'claim',
    run: (call) => {
      const queued = free(call, (run) => run.status === 'queued').sort((a, b) => b.priority - a.priority || byId(a, b));
      return take(call, queued.slice(0, limitOf(call)), true);
    },
  },
  {
    of: 'claim_returned',
    run: (call) => {
      const under = free(call, (run) => UNDER_WAY.includes(run.status) || isDue(call, run));
      under.sort((a, b) => Number(b.status !== 'waiting') - Number(a.status !== 'waiting') || byId(a, b));
      const suspects = call.values[4] === true ? under.filter(isSuspect).sort(byId).slice(0, 1) : [];
      return take(call, [...suspects, ...under.filter((run) => !isSuspect(run))].slice(0, limitOf(call)), false);
    },
  },
];

function isDue({ now }: Call, run: RunRow): boolean {
  return run.status === 'waiting' && run.wakeAt !== null && run.wakeAt <= now + 1;
}

function isSuspect({ crashes }: RunRow): boolean {
  return crashes >= SUSPECT_CRASHES && crashes < MAX_CRASHES;
}

/** What every statement does that takes a run from its owner. */
function letGo({ tables, now, bugs }: Call, run: RunRow, patch: Partial<RunRow> = {}): void {
  const lastSeq = bugs.has('rough last seq') ? run.lastSeq : tables.lastSeq(run.id);
  const status = run.status === 'paused' ? 'pausing' : run.status;
  tables.changeRun(run, { owner: null, lastSeq, status, wakeAt: run.status === 'waiting' ? now : run.wakeAt, ...patch });
}

const HELD: readonly string[] = ['queued', 'running', 'waiting', 'pausing', 'rolling_back'];

const giveBack: Twin[] = [
  {
    of: /^update run set crashes = 0 where id = \$1 and owner = \$2 and epoch = \$3$/,
    run: ({ tables, values: [id, owner, epoch] }) => {
      const run = tables.runs.get(String(id));
      if (run !== undefined && run.owner === owner && run.epoch === epoch) tables.changeRun(run, { crashes: 0 });
      return NOTHING;
    },
  },
  {
    of: 'flagged_runs',
    run: ({ tables, values: [worker] }) =>
      rowsOf([...tables.runs.values()].filter((run) => run.owner === worker && run.control !== 'none').map(({ id }) => ({ id }))),
  },
  { of: /^select from worker where id = \$1 for update$/, locks: true, run: () => NOTHING },
  {
    of: /^with busy as [\s\S]*id <> all\(\$2::uuid\[\]\)/,
    run: (call) => {
      const [[worker], known] = call.values as [[string], readonly string[]];
      const unknown = [...call.tables.runs.values()].filter(
        (run) => run.owner === worker && HELD.includes(run.status) && !known.includes(run.id),
      );
      for (const run of unknown) letGo(call, run);
      return { rows: [], rowCount: unknown.length };
    },
  },
  {
    of: /^\s*update run set owner = null[\s\S]*not exists \(select from worker w/,
    run: (call) => {
      const { tables } = call;
      const orphans = [...tables.runs.values()].filter(
        ({ owner, status }) =>
          owner !== null && (HELD.includes(status) || status === 'paused') && tables.workers.get(owner)?.status !== 'alive',
      );
      if (!call.bugs.has('no take-over')) for (const run of orphans) letGo(call, run);
      return { rows: [], rowCount: orphans.length };
    },
  },
];

function deadWorkers({ tables, values, now }: Call): WorkerRow[] {
  const [reaper] = values as [string | null];
  return [...tables.workers.values()].filter((one) => {
    if (one.status !== 'alive' || one.id === reaper) return false;
    return one.leaseUntil < now || (one.heartbeatAt + (one.leaseUntil - one.heartbeatAt) * 0.375 < now && !tables.locks.has(one.lockKey));
  });
}

const workers: Twin[] = [
  {
    of: /^insert into worker /,
    run: ({ tables, values, now }) => {
      const [id, , , , , lockKey, , lease] = values as [string, string, string[], number, number, string, string | null, number];
      if (tables.workers.has(id)) throw uniqueViolation('worker_pkey');
      tables.set(tables.workers, id, { id, lockKey, status: 'alive', leaseUntil: now + lease, heartbeatAt: now });
      return { rows: [], rowCount: 1 };
    },
  },
  {
    of: 'heartbeat',
    run: ({ tables, values, now }) => {
      const worker = tables.workers.get(String(values[0]));
      if (worker?.status !== 'alive') return NOTHING;
      tables.change(worker, { heartbeatAt: now, leaseUntil: now + Number(values[1]) });
      return { rows: [], rowCount: 1 };
    },
  },
  {
    of: /^update worker set status = 'stopped'/,
    run: ({ tables, values, now }) => {
      const worker = tables.workers.get(String(values[0]));
      if (worker?.status === 'alive') tables.change(worker, { status: 'stopped', leaseUntil: now });
      return NOTHING;
    },
  },
  { of: /^\s*select id, pool_id from worker w/, run: (call) => rowsOf(deadWorkers(call).map(({ id }) => ({ id, pool_id: null }))) },
  {
    of: /^update worker set status = 'dead'/,
    run: ({ tables, values }) => {
      for (const id of values[0] as string[]) {
        const worker = tables.workers.get(id);
        if (worker !== undefined) tables.change(worker, { status: 'dead' });
      }
      return NOTHING;
    },
  },
  { of: /^select graphile_worker\.force_unlock_workers/, run: () => NOTHING },
  {
    of: /^with busy as [\s\S]*crashes = case when/,
    run: (call) => {
      const { tables, values, bugs } = call;
      if (bugs.has('no take-over')) return NOTHING;
      const runs = [...tables.runs.values()].filter(
        (run) => run.owner !== null && (values[0] as string[]).includes(run.owner) && HELD.includes(run.status),
      );
      for (const run of runs) {
        const gotOn = isProgress(tables.eventsOf(run.id).filter((row) => row.seq > run.lastSeq));
        letGo(call, run, { crashes: gotOn ? 1 : run.crashes + 1 });
      }
      return rowsOf(runs.map(({ id }) => ({ id })));
    },
  },
];

export const CLAIM_TWINS: readonly Twin[] = [...claims, ...giveBack, ...workers];
