import { moveRun } from './journal-twins.ts';
import { type Call, NOTHING, rowsOf, type Twin } from './statement.ts';
import { isEnded, type RunRow, type Tables } from './tables.ts';

/** Limits on runs: the functions of the database (migration 0030) and the statements around them (`lib/db/limits.ts`). */

function slotsOf(tables: Tables, key: string): Set<string> {
  let held = tables.slots.get(key);
  if (held === undefined) {
    held = new Set();
    tables.set(tables.slots, key, held);
  }
  return held;
}

/** The function `admit_runs`. */
function admit(call: Call, keys: readonly string[]): number {
  const { tables, bugs } = call;
  let total = 0;
  for (const key of keys) {
    const limit = tables.limits.get(key);
    if (limit === undefined) continue;
    const held = slotsOf(tables, key);
    const free = bugs.has('open gate') ? 1000 : limit.max - held.size;
    const pending = [...tables.runs.values()].filter((run) => run.key === key && run.gate === 'pending');
    pending.sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
    for (const run of pending.slice(0, Math.max(0, free))) {
      tables.changeRun(run, { gate: null });
      tables.addTo(held, run.id);
      total++;
    }
  }
  if (total > 0) call.notify('weftline_queue', 'both');
  return total;
}

/** The function `settle_limits`. */
function settle(call: Call, ids: readonly string[]): number {
  const { tables } = call;
  const runs = ids.flatMap((id) => tables.runs.get(id) ?? []).filter((run) => run.key !== null);
  const keys = [...new Set(runs.map((run) => run.key ?? ''))].sort();
  for (const run of runs) {
    const limit = tables.limits.get(run.key ?? '');
    if (limit === undefined) continue;
    const held = slotsOf(tables, limit.key);
    const need = needOf(call, run, limit.holdsWaiting);
    const has = held.has(run.id);
    if (need === 'nothing' || need === 'rest') tables.takeFrom(held, run.id);
    const open = has ? null : need === 'slot' ? 'pending' : run.gate;
    const gate = need === 'nothing' ? null : need === 'rest' ? 'parked' : open;
    if (gate !== run.gate) tables.changeRun(run, { gate });
  }
  return admit(call, keys);
}

function needOf({ now }: Call, run: RunRow, holdsWaiting: boolean): 'nothing' | 'as it is' | 'rest' | 'slot' {
  if (isEnded(run.status)) return 'nothing';
  if (run.owner !== null) return 'as it is';
  const rests = run.status === 'paused' || (run.status === 'waiting' && (run.wakeAt === null || run.wakeAt > now));
  return rests ? (holdsWaiting ? 'as it is' : 'rest') : 'slot';
}

/** The function `sweep_limits`. */
function sweep(call: Call): number {
  const { tables } = call;
  let wrong = 0;
  for (const [key, held] of tables.slots) {
    for (const id of held) if (tables.runs.get(id)?.key !== key && tables.takeFrom(held, id)) wrong++;
  }
  const limited = [...tables.runs.values()].filter((run) => run.key !== null);
  const stale = limited.filter((run) => {
    const limit = tables.limits.get(run.key ?? '');
    if (limit === undefined || !tables.slots.get(run.key ?? '')?.has(run.id)) return false;
    const need = needOf(call, run, limit.holdsWaiting);
    return need === 'nothing' || need === 'rest';
  });
  wrong += stale.length;
  if (stale.length > 0) settle(call, idsOf(stale));
  const ungated = limited.filter(
    (run) => !isEnded(run.status) && run.owner === null && run.gate === null && !tables.slots.get(run.key ?? '')?.has(run.id),
  );
  if (ungated.length > 0) settle(call, idsOf(ungated));
  admit(call, [...tables.limits.keys()].sort());
  return wrong;
}

function idsOf(runs: readonly RunRow[]): string[] {
  return runs.map((run) => run.id);
}

interface StoredLimit {
  readonly key: string;
  readonly workflow_id: string;
  readonly max: number;
  readonly on_limit: string;
  readonly holds_waiting: boolean;
  readonly current: boolean;
}

export const LIMIT_TWINS: readonly Twin[] = [
  {
    of: /^\s*with wanted as materialized \([\s\S]*insert into "limit"/,
    run: ({ tables, values, now }) => {
      for (const one of JSON.parse(String(values[0])) as StoredLimit[]) {
        const settings = { max: one.max, onLimit: one.on_limit, holdsWaiting: one.holds_waiting };
        const known = tables.limits.get(one.key);
        if (known === undefined)
          tables.set(tables.limits, one.key, { key: one.key, workflowId: one.workflow_id, updatedAt: now, ...settings });
        else tables.change(known, { updatedAt: now, ...(one.current ? settings : {}) });
      }
      return NOTHING;
    },
  },
  {
    of: /^insert into "limit" \(key, workflow_id, max, on_limit, holds_waiting\)\s+select concurrency_key/,
    run: ({ tables, values, now }) => {
      const [id, max, onLimit, holdsWaiting] = values as [string, number, string, boolean];
      const run = tables.runs.get(id);
      if (run?.key == null) return NOTHING;
      const known = tables.limits.get(run.key);
      if (known !== undefined) tables.change(known, { updatedAt: now });
      else tables.set(tables.limits, run.key, { key: run.key, workflowId: run.workflowId, max, onLimit, holdsWaiting, updatedAt: now });
      return NOTHING;
    },
  },
  {
    of: /^\s*with ended as \(\s*update run set status = 'cancelled', gate = null/,
    run: (call) => {
      const { tables, values, now } = call;
      const [ids, error] = values as [readonly string[], string];
      const skipped = ids.flatMap((id) => tables.runs.get(id) ?? []).filter((run) => run.gate === 'pending');
      for (const run of skipped) {
        const data = { status: 'cancelled', output: null, error: JSON.parse(error), duration_seconds: 0 };
        const seq = run.lastSeq + 1;
        call.writes(run.id, null);
        tables.addEvent(run.id, { seq, type: 'run_completed', step: null, attempt: null, at: now, data: JSON.stringify(data) });
        moveRun(call, run, { status: 'cancelled', gate: null, error, completedAt: now, lastSeq: seq });
      }
      return rowsOf(skipped.map((run) => ({ run_id: run.id })));
    },
  },
  {
    of: /^select settle_limits\(\$1\)/,
    run: (call) => {
      settle(call, call.values[0] as string[]);
      return NOTHING;
    },
  },
  {
    of: /^select admit_runs\(\$1\)/,
    run: (call) => {
      admit(call, call.values[0] as string[]);
      return NOTHING;
    },
  },
  {
    of: 'wake_parked',
    run: (call) => {
      const due = [...call.tables.runs.values()].filter(
        (run) =>
          run.gate === 'parked' && run.status === 'waiting' && run.owner === null && run.wakeAt !== null && run.wakeAt <= call.now + 1,
      );
      if (due.length > 0) settle(call, idsOf(due));
      return NOTHING;
    },
  },
  { of: /^select sweep_limits\(\)/, run: (call) => rowsOf([{ wrong: sweep(call) }]) },
  {
    of: /^\s*with live as \([\s\S]*row_number\(\) over \(partition by r\.concurrency_key/,
    run: (call) => {
      const { tables, values } = call;
      const keys = values[0] as readonly string[] | null;
      const evicted: RunRow[] = [];
      for (const limit of tables.limits.values()) {
        if (limit.onLimit !== 'cancel_running' || (keys !== null && !keys.includes(limit.key))) continue;
        const live = [...tables.runs.values()].filter((run) => run.key === limit.key && !isEnded(run.status) && run.gate !== 'parked');
        live.sort((a, b) => (a.id < b.id ? 1 : -1));
        evicted.push(
          ...live.slice(limit.max).filter((run) => (run.control !== 'cancel' && run.control !== 'rollback') || run.owner === null),
        );
      }
      for (const run of evicted) {
        tables.changeRun(run, { control: 'cancel' });
        if (run.owner !== null) call.notify('weftline_control', run.id);
      }
      return rowsOf(evicted.map(({ id, workspaceId, owner }) => ({ id, workspace_id: workspaceId, owner })));
    },
  },
];
