import type { Control } from '#lib/engine/control.ts';
import { type Answer, type Call, millisOf, NOTHING, numberOf, rowsOf, type Twin, unnested } from './statement.ts';
import type { RunRow } from './tables.ts';

/** Starting runs and wishes to them (`lib/db/create-runs.ts`, `run-target.ts`, `control-runs.ts`). */

const createRuns: Twin = {
  of: 'create_runs',
  run: (call) => {
    const { tables, text, values } = call;
    const columns = unnested(call, 'r');
    const made: { id: string }[] = [];
    for (let index = 0; index < (columns.id ?? []).length; index++) {
      const run = newRow((name) => columns[name]?.[index] ?? null);
      if (isKnown(call, run)) continue;
      const { id, trigger, version, timeoutMs, createdAt } = run;
      tables.set(tables.runs, id, run);
      tables.touched.add(id);
      const data = JSON.stringify({ trigger, version, ...(timeoutMs === null ? {} : { timeout_ms: timeoutMs }) });
      call.writes(id, null);
      tables.addEvent(id, { seq: 1, type: 'run_queued', step: null, attempt: null, at: createdAt, data });
      made.push({ id });
    }
    const queues = /pg_notify\('weftline_queue', \$(\d+)\)/.exec(text)?.[1];
    call.addJob({ task: 'wake_queue', returned: false, key: null, at: null });
    call.notify('weftline_queue', String(values[Number(queues) - 1]));
    return rowsOf(made);
  },
};

function isKnown({ tables }: Call, { id, workflowId, idempotencyKey }: RunRow): boolean {
  if (tables.runs.has(id)) return true;
  if (idempotencyKey === null) return false;
  return [...tables.runs.values()].some((run) => run.workflowId === workflowId && run.idempotencyKey === idempotencyKey);
}

function newRow(cell: (name: string) => string | null): RunRow {
  return {
    id: cell('id') ?? '',
    workspaceId: cell('workspace_id') ?? '',
    workflowId: cell('workflow_id') ?? '',
    version: numberOf(cell('version')),
    definitionHash: cell('definition_hash') ?? '',
    trigger: cell('trigger') ?? '',
    input: cell('input') ?? 'null',
    priority: Number(cell('priority')),
    queue: cell('queue') ?? '',
    key: cell('concurrency_key'),
    idempotencyKey: cell('idempotency_key'),
    parentRunId: cell('parent_run_id'),
    parentStep: cell('parent_step'),
    parentWaits: cell('parent_waits') === 'true',
    timeoutMs: numberOf(cell('timeout_ms')),
    createdAt: millisOf(cell('at')) ?? 0,
    status: 'queued',
    owner: null,
    epoch: 0,
    control: 'none',
    gate: cell('concurrency_key') === null ? null : 'pending',
    mail: 0,
    crashes: 0,
    lastSeq: 1,
    output: null,
    error: null,
    progress: 0,
    toldToPause: false,
    wakeAt: null,
    deadline: null,
    startedAt: null,
    completedAt: null,
  };
}

const existing: Twin = {
  of: /^\s*with wanted as materialized \(\s*select \* from unnest\(\$1::uuid/,
  reads: true,
  run: ({ tables, values }) => {
    const [ids, workflows, keys] = values as [string[], string[], (string | null)[]];
    return rowsOf(
      ids.flatMap((wanted, index) => {
        const ofWorkflow = [...tables.runs.values()].filter((run) => run.workflowId === workflows[index]);
        const other = ofWorkflow.find((run) => run.id === wanted || (run.idempotencyKey !== null && run.idempotencyKey === keys[index]));
        if (other === undefined) return [];
        return [{ wanted, id: other.id, repeated: other.idempotencyKey !== null && other.idempotencyKey === keys[index] }];
      }),
    );
  },
};

const findTargets: Twin = {
  of: 'find_run_targets',
  reads: true,
  run: ({ tables, values }) => {
    const wishes = JSON.parse(String(values[0])) as { place: number; workflow_id: string; version: number | null }[];
    return rowsOf(
      wishes.flatMap(({ place, workflow_id, version }) => {
        const found = tables.workflows.get(workflow_id);
        if (found === undefined) return [];
        return [{ place, status: 'active', current_version: 1, definition_hash: (version ?? 1) === 1 ? found.hash : null }];
      }),
    );
  },
};

const control: Twin[] = [
  {
    of: /^select id, status, owner, definition_hash, last_seq, control, concurrency_key, gate, engine from run/,
    locks: true,
    run: ({ tables, values }): Answer => {
      const run = tables.runs.get(String(values[0]));
      if (run === undefined) return NOTHING;
      const { id, status, owner, gate } = run;
      const rest = {
        definition_hash: run.definitionHash,
        last_seq: run.lastSeq,
        control: run.control,
        concurrency_key: run.key,
        engine: 1,
      };
      return rowsOf([{ id, status, owner, gate, ...rest }]);
    },
  },
  {
    of: /^update run set control = \$2 where id = \$1$/,
    run: ({ tables, values }) => {
      const run = tables.runs.get(String(values[0]));
      if (run !== undefined) tables.changeRun(run, { control: values[1] as Control });
      return NOTHING;
    },
  },
  {
    of: /^update run set told_to_pause = \$2 where id = \$1$/,
    run: ({ tables, values }) => {
      const run = tables.runs.get(String(values[0]));
      if (run !== undefined) tables.changeRun(run, { toldToPause: values[1] === true });
      return NOTHING;
    },
  },
  {
    of: /^select pg_notify\('weftline_queue', 'returned'\)$/,
    run: (call) => {
      call.notify('weftline_queue', 'returned');
      return NOTHING;
    },
  },
  {
    of: /^select pg_notify\(\$1, \$2\)$/,
    run: (call) => {
      call.notify(String(call.values[0]), String(call.values[1]));
      return NOTHING;
    },
  },
  {
    of: /^select graphile_worker\.add_job\('wake_queue', '\{"returned":true\}'\), pg_notify\('weftline_queue', 'returned'\)/,
    run: (call) => {
      call.addJob({ task: 'wake_queue', returned: true, key: null, at: null });
      call.notify('weftline_queue', 'returned');
      return NOTHING;
    },
  },
];

const findDefinition: Twin = {
  of: 'find_definition',
  reads: true,
  run: ({ tables, values }) =>
    rowsOf([...tables.workflows.values()].filter((one) => one.hash === values[0]).map(({ document }) => ({ document }))),
};

export const RUN_TWINS: readonly Twin[] = [createRuns, existing, findTargets, findDefinition, ...control];
