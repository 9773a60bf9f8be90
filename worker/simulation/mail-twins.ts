import { idFromUuid } from '#lib/base/ids.ts';
import type { MessageKind } from '#lib/engine/message.ts';
import { type Call, NOTHING, rowsOf, type Twin } from './statement.ts';
import { isEnded, type RunRow } from './tables.ts';

/** The mailbox, steps on other workers, and what is told between runs (`lib/db/mailbox.ts`, `remote-steps.ts`, `children.ts`). */

interface Posting {
  readonly run_id: string;
  readonly kind: MessageKind;
  readonly step: string | null;
  readonly token: string | null;
  readonly payload: string;
  readonly dedupe_key: string | null;
}

/** The function `post_mail`, for one message. */
function post(call: Call, message: Posting): string {
  const { tables, bugs, now } = call;
  const run = tables.runs.get(message.run_id);
  if (run === undefined) return 'missing';
  if (isEnded(run.status)) return 'ended';
  const key = `${run.id} ${message.dedupe_key}`;
  if (message.dedupe_key != null) {
    if (tables.mailKeys.has(key) && !bugs.has('no dedupe')) return 'duplicate';
    tables.addTo(tables.mailKeys, key);
  }
  const { kind, step, token, payload } = message;
  const wakes = run.owner === null && run.status === 'waiting' && !bugs.has('forgotten wait');
  tables.changeRun(run, { mail: run.mail + 1, wakeAt: wakes ? now : run.wakeAt });
  tables.set(tables.mail, run.id, [
    ...(tables.mail.get(run.id) ?? []),
    { place: run.mail, kind, step: step ?? null, token: token ?? null, payload },
  ]);
  if (run.owner !== null) call.notify('weftline_control', run.id);
  else if (wakes) {
    call.addJob({ task: 'wake_queue', returned: true, key: null, at: null });
    call.notify('weftline_queue', 'returned');
  }
  return 'posted';
}

/** The trigger `report_child`. */
export function reportEnd(call: Call, run: RunRow): void {
  if (!run.parentWaits || run.parentRunId === null || call.bugs.has('silent child')) return;
  const { status } = run;
  const [output, error] = [run.output, run.error].map((text) => (text === null ? null : JSON.parse(text)));
  const payload = JSON.stringify({ run_id: idFromUuid('run', run.id), status, output, error, totals: {} });
  post(call, { run_id: run.parentRunId, kind: 'child', step: run.parentStep, token: null, payload, dedupe_key: null });
}

const postMail: Twin = {
  of: 'post_mail',
  run: (call) => {
    const messages = JSON.parse(String(call.values[0])) as Posting[];
    return rowsOf(messages.map((one) => ({ answer: post(call, one) })));
  },
};

const readMail: Twin = {
  of: 'read_mail',
  reads: true,
  run: ({ tables, values }) => {
    const [runs, after] = values as [string[], number[]];
    const found = runs.flatMap((run, index) =>
      (tables.mail.get(run) ?? [])
        .filter((one) => one.place > (after[index] ?? 0))
        .map((one) => ({ run_id: run, ...one, payload: JSON.parse(one.payload) })),
    );
    return rowsOf(found);
  },
};

const dropMail: Twin = {
  of: /^delete from inbox where run_id = \$1$/,
  run: ({ tables, values }) => {
    tables.set(tables.mail, String(values[0]), []);
    return NOTHING;
  },
};

interface Report {
  readonly id: string;
  readonly run_id: string;
  readonly token: string;
  readonly step: string;
  readonly payload: string;
  readonly begins: boolean;
  readonly ends: boolean;
}

const postRemote: Twin = {
  of: 'post_remote',
  run: (call) => {
    const [worker, text] = call.values as [string, string];
    return rowsOf((JSON.parse(text) as Report[]).map((one) => ({ answer: report(call, worker, one) })));
  },
};

function report(call: Call, worker: string, { id, run_id, token, step, payload, begins, ends }: Report): string {
  const { tables, bugs } = call;
  if (tables.workers.get(worker)?.status !== 'alive') return 'gone';
  const status = tables.runs.get(run_id)?.status;
  const offer = [...tables.waits.values()].find((one) => one.id === id && one.token === token);
  const mine = offer !== undefined && (offer.claimedBy === worker || bugs.has('two executors'));
  if (begins && (status === 'pausing' || status === 'paused')) {
    if (mine) tables.change(offer, { claimedBy: null });
    return 'gone';
  }
  if (!mine) return 'gone';
  if (begins || ends) tables.change(offer, { begun: true, answered: ends, claimedBy: ends ? null : worker });
  return post(call, { run_id, kind: 'remote', step, token, payload, dedupe_key: null });
}

const claimOffers: Twin = {
  of: 'claim_offers',
  run: (call) => {
    const { tables, values, bugs } = call;
    const [worker, limit, queues] = values as [string, number, readonly string[]];
    if (tables.workers.get(worker)?.status !== 'alive') return NOTHING;
    const free = [...tables.waits.values()].filter((one) => {
      const status = tables.runs.get(one.runId)?.status;
      const open = one.claimedBy === null || (bugs.has('two executors') && one.claimedBy !== worker);
      const served = one.kind === 'remote' && open && !one.answered && queues.includes(one.queue ?? '');
      return served && (status === 'running' || status === 'waiting');
    });
    free.sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
    const taken = free.slice(0, limit);
    for (const one of taken) tables.change(one, { claimedBy: worker });
    return rowsOf(taken.map(({ id, runId, step, token, attempt }) => ({ id, runId, step, token, attempt })));
  },
};

const offers: Twin[] = [
  {
    of: 'standing_offers',
    reads: true,
    run: ({ tables, values }) => rowsOf([...tables.waits.values()].filter((one) => one.claimedBy === values[0])),
  },
  {
    of: /^update wait set claimed_by = null where claimed_by = \$1 and not begun/,
    run: ({ tables, values }) => {
      const [worker, known] = values as [string, readonly string[]];
      for (const one of tables.waits.values())
        if (one.claimedBy === worker && !one.begun && !known.includes(one.id)) tables.change(one, { claimedBy: null });
      return NOTHING;
    },
  },
  {
    of: 'free_remote',
    run: (call) => {
      const { tables } = call;
      const lost = [...tables.waits.values()].filter(
        (one) => one.claimedBy !== null && tables.workers.get(one.claimedBy)?.status !== 'alive',
      );
      for (const one of lost) {
        tables.change(one, { claimedBy: null, answered: one.begun });
        const { runId: run_id, step, token } = one;
        if (one.begun) post(call, { run_id, kind: 'remote', step, token, payload: '{"kind":"lost"}', dedupe_key: null });
        else call.notify('weftline_queue', 'remote');
      }
      return rowsOf([{ freed: lost.length }]);
    },
  },
];

const runFacts: Twin = {
  of: 'read_run_facts',
  reads: true,
  run: ({ tables, values }) =>
    rowsOf(
      (values[0] as string[]).flatMap((id) => {
        const run = tables.runs.get(id);
        if (run === undefined) return [];
        const { workspaceId, workflowId, version, definitionHash, trigger } = run;
        const rest = { schedule: null, savedState: null, input: JSON.parse(run.input), createdAt: new Date(run.createdAt) };
        return [{ id, workspaceId, workflowId, version, definitionHash, trigger, ...rest }];
      }),
    ),
};

const children: Twin[] = [
  {
    of: 'live_children',
    reads: true,
    run: ({ tables, values }) => {
      const live = [...tables.runs.values()].filter((one) => one.parentRunId === values[0] && one.parentWaits && !isEnded(one.status));
      return rowsOf(live.map(childRow));
    },
  },
  {
    of: /^select c\.id, c\.workspace_id, c\.parent_step from run c/,
    reads: true,
    run: ({ tables }) => {
      const orphans = [...tables.runs.values()].filter((one) => {
        if (one.parentRunId === null || !one.parentWaits || isEnded(one.status) || one.status === 'rolling_back') return false;
        if (one.control === 'cancel' || one.control === 'rollback') return false;
        const parent = tables.runs.get(one.parentRunId);
        const wait = tables.waits.get(`${one.parentRunId} ${one.parentStep}`);
        const awaited = (wait?.data as { run_id?: string } | null | undefined)?.run_id === idFromUuid('run', one.id);
        return parent === undefined || isEnded(parent.status) || !awaited;
      });
      return rowsOf(orphans.map(childRow));
    },
  },
  {
    of: 'untold_children',
    reads: true,
    run: ({ tables }) => {
      const untold = [...tables.runs.values()].filter((one) => {
        const parent = tables.runs.get(one.parentRunId ?? '');
        if (parent === undefined || !one.parentWaits || isEnded(one.status) || one.status === 'rolling_back') return false;
        if (parent.control === 'pause' || parent.control === 'resume') return false;
        if (one.toldToPause) return ['queued', 'running', 'waiting'].includes(parent.status);
        const last = tables.eventsOf(parent.id).findLast((row) => ['run_pausing', 'run_paused', 'run_resumed'].includes(row.type));
        const reason = last?.data == null ? null : (JSON.parse(last.data) as { reason?: string }).reason;
        return ['pausing', 'paused'].includes(parent.status) && reason === 'request';
      });
      return rowsOf(untold.map((one) => ({ ...childRow(one), wish: one.toldToPause ? 'resume' : 'pause' })));
    },
  },
  {
    of: 'line_of_run',
    reads: true,
    run: ({ tables, values }) => {
      const line: object[] = [];
      let run = tables.runs.get(String(values[0]));
      while (run !== undefined && line.length < Number(values[1])) {
        line.push({ workflow_id: run.workflowId, priority: run.priority, trigger: run.trigger });
        run = run.parentRunId === null ? undefined : tables.runs.get(run.parentRunId);
      }
      return rowsOf(line);
    },
  },
  {
    of: 'runs_exist',
    reads: true,
    run: ({ tables, values }) => rowsOf((values[0] as string[]).filter((id) => tables.runs.has(id)).map((id) => ({ id }))),
  },
];

function childRow({ id, workspaceId, parentStep }: RunRow): object {
  return { id, workspace_id: workspaceId, parent_step: parentStep };
}

const approvals: Twin[] = [
  {
    of: /^select status in \('pausing', 'paused'\) as paused from run/,
    locks: true,
    run: ({ tables, values }) => {
      const status = tables.runs.get(String(values[0]))?.status;
      return rowsOf(status === undefined ? [] : [{ paused: status === 'pausing' || status === 'paused' }]);
    },
  },
  {
    of: /^delete from wait where id = \$1 and token = \$2/,
    run: ({ tables, values, now }) => {
      const found = [...tables.waits.values()].find((one) => one.id === values[0] && one.token === values[1]);
      if (found === undefined || !(values[2] === true || found.wakeAt === null || found.wakeAt > now)) return NOTHING;
      tables.remove(tables.waits, `${found.runId} ${found.step}`);
      return { rows: [], rowCount: 1 };
    },
  },
];

export const MAIL_TWINS: readonly Twin[] = [
  postMail,
  readMail,
  dropMail,
  postRemote,
  claimOffers,
  ...offers,
  runFacts,
  ...children,
  ...approvals,
];
