import type { Control } from '#lib/engine/control.ts';
import type { RunEvent, RunStatus, WaitKind } from '#lib/engine/events.ts';
import { reportEnd } from './mail-twins.ts';
import { type Answer, type Call, millisOf, NOTHING, numberOf, readArray, rowsOf, type Twin, unnested } from './statement.ts';
import { type EventRow, isEnded, type RunRow, uniqueViolation, type WaitRow } from './tables.ts';

/** Statements that write the journal, and those that read it (`lib/db/journal.ts`, `change-run.ts`, `run-events.ts`, `wait-rows.ts`). */

/** Rows for the journal, each with the place of its run in the batch. */
function eventRows(call: Call): { readonly place: number; readonly row: EventRow }[] {
  const { place = [], seq = [], type = [], step = [], attempt = [], at = [], data = [] } = unnested(call, 'e');
  return place.map((one, index) => ({
    place: Number(one),
    row: {
      seq: Number(seq[index]),
      type: type[index] as RunEvent['type'],
      step: step[index] ?? null,
      attempt: numberOf(attempt[index]),
      at: millisOf(at[index]) ?? 0,
      data: data[index] ?? null,
    },
  }));
}

/** Moves a run's status, with what the table's triggers do at its end. */
export function moveRun(call: Call, run: RunRow, patch: Partial<RunRow>): void {
  const ends = patch.status !== undefined && isEnded(patch.status) && !isEnded(run.status);
  call.tables.changeRun(run, patch);
  if (ends) reportEnd(call, run);
}

interface Moved {
  readonly place: number;
  readonly run: RunRow;
  readonly held: boolean;
  readonly release: boolean;
  readonly read: number;
  readonly wake: number | null;
}

const append: Twin = {
  of: /^append/,
  run: (call) => {
    const { tables, values, bugs } = call;
    const worker = String(values[0]);
    const runs = readArray(String(values[1]));
    const headed = Number(values[2]);
    const alive = tables.workers.get(worker)?.status === 'alive' || bugs.has('no fence');
    if (!alive) return rowsOf([{ odd: null, controls: null, helds: null, mails: null, only: [] }]);
    const rows = eventRows(call);
    const heads = headed === 0 ? [] : headsOf(call, runs, worker);
    const writable = rows.filter(({ place }) => place > headed || heads.some((one) => one.place === place));
    for (const { place, row } of writable) {
      if (tables.eventsOf(runs[place - 1] ?? '').some((one) => one.seq === row.seq)) throw uniqueViolation('run_event_pkey');
    }
    for (const { place, row } of writable) {
      call.writes(runs[place - 1] ?? '', worker);
      tables.addEvent(runs[place - 1] ?? '', row);
    }
    const moved = heads.map(({ place, run, patch, ...rest }): Moved => {
      moveRun(call, run, patch);
      return { place, run, held: run.owner !== null, ...rest };
    });
    if (call.text.includes('emptied')) for (const { run, read } of moved) emptyMail(call, run.id, read);
    if (call.text.includes('closed as')) changeWaits(call, moved, 25);
    if (call.text.includes('parked as'))
      for (const { run, held, wake } of moved)
        if (!held && wake !== null) call.addJob({ task: 'wake_run', returned: true, key: `run:${run.id}`, at: wake });
    return rowsOf([answerOf(moved, headed, runs.length)]);
  },
};

function headsOf(call: Call, runs: readonly (string | null)[], worker: string) {
  const { tables, bugs } = call;
  const column = unnested(call, 'b');
  return (column.epoch ?? []).flatMap((_, index) => {
    const cell = (name: string): string | null => column[name]?.[index] ?? null;
    const run = tables.runs.get(runs[index] ?? '');
    if (run === undefined) return [];
    const owns = (run.owner === worker && run.epoch === Number(cell('epoch'))) || bugs.has('no fence');
    if (!owns || run.lastSeq > Number(cell('base'))) return [];
    const [taken, read] = [cell('taken') as Control, Number(cell('mail'))];
    const release = cell('release') === 'true';
    const unwished = run.control === 'none' || run.control === taken || bugs.has('release over control');
    const lets = release && unwished && (run.mail <= read || bugs.has('release over mail'));
    const patch: Partial<RunRow> = {
      lastSeq: Number(cell('last')),
      status: cell('status') as RunStatus,
      progress: Number(cell('progress')),
      startedAt: millisOf(cell('started')),
      completedAt: millisOf(cell('completed')),
      output: cell('output'),
      error: cell('error'),
      wakeAt: millisOf(cell('wake')),
      deadline: millisOf(cell('deadline')),
      control: run.control === taken ? 'none' : run.control,
      owner: lets ? null : run.owner,
    };
    return [{ place: index + 1, run, patch, release, read, wake: millisOf(cell('wake')) }];
  });
}

function answerOf(moved: readonly Moved[], headed: number, all: number): object {
  const odd = moved.filter(({ run, held, release, read }) => run.control !== 'none' || held === release || run.mail > read);
  const list = <T>(cell: (one: Moved) => T): T[] | null => (odd.length === 0 ? null : odd.map(cell));
  const bare = Array.from({ length: all - headed }, (_, index) => headed + 1 + index);
  return {
    odd: list((one) => one.place),
    controls: list((one) => one.run.control),
    helds: list((one) => one.held),
    mails: list((one) => one.run.mail),
    only: moved.length < headed ? [...moved.map((one) => one.place), ...bare] : null,
  };
}

function emptyMail({ tables, bugs }: Call, run: string, read: number): void {
  const kept = bugs.has('lost mail') ? [] : (tables.mail.get(run) ?? []).filter((one) => one.place > read);
  tables.set(tables.mail, run, kept);
}

/** The parts `closed` and `opened`; `first` is the number of their first parameter. */
function changeWaits(call: Call, moved: readonly { readonly place: number; readonly run: RunRow }[], first: number): void {
  const { tables, values } = call;
  const byPlace = new Map(moved.map((one) => [one.place, one.run]));
  for (const [index, place] of (values[first - 1] as number[]).entries()) {
    const run = byPlace.get(place);
    if (run !== undefined) removeWait(call, run.id, (values[first] as string[])[index] ?? '');
  }
  for (const one of JSON.parse(String(values[first + 1])) as OpenedWait[]) {
    const run = byPlace.get(one.place);
    if (run === undefined) continue;
    const isDecided = (tables.mail.get(run.id) ?? []).some(
      (mail) => mail.kind === 'decision' && mail.step === one.step && mail.token === one.token,
    );
    if (!isDecided) openWait(call, run, one);
  }
}

interface OpenedWait {
  readonly id: string;
  readonly place: number;
  readonly step: string;
  readonly attempt: number;
  readonly kind: WaitKind;
  readonly token: string;
  readonly wake: number | null;
  readonly data: string;
  readonly queue: string | null;
  readonly priority: number | null;
}

function openWait(call: Call, run: RunRow, one: OpenedWait): void {
  const { tables } = call;
  const known = tables.waits.get(`${run.id} ${one.step}`);
  const stands = known?.token === one.token;
  if (known !== undefined && !stands && known.claimedBy !== null) call.notify('weftline_control', run.id);
  const row: WaitRow = {
    id: stands ? known.id : one.id,
    runId: run.id,
    step: one.step,
    attempt: one.attempt,
    kind: one.kind,
    token: one.token,
    wakeAt: one.wake === null ? null : Math.round(one.wake * 1000),
    data: JSON.parse(one.data),
    queue: one.queue,
    priority: one.priority ?? run.priority,
    claimedBy: stands ? known.claimedBy : null,
    begun: stands && known.begun,
    answered: stands && known.answered,
  };
  tables.set(tables.waits, `${run.id} ${one.step}`, row);
  if (row.kind === 'remote' && row.claimedBy === null) call.notify('weftline_queue', 'remote');
}

export function removeWait(call: Call, run: string, step: string): void {
  const row = call.tables.waits.get(`${run} ${step}`);
  if (row !== undefined && row.claimedBy !== null) call.notify('weftline_control', run);
  call.tables.remove(call.tables.waits, `${run} ${step}`);
}

const recognise: Twin = {
  of: /^select id, owner, epoch, control, mail, \(select max\(seq\)/,
  reads: true,
  run: ({ tables, values }) =>
    rowsOf(
      (values[0] as string[]).flatMap((id) => {
        const run = tables.runs.get(id);
        if (run === undefined) return [];
        const { owner, epoch, control, mail } = run;
        return [{ id, owner, epoch, control, mail, last_seq: tables.lastSeq(id) }];
      }),
    ),
};

const readJournals: Twin = {
  of: 'read_journals',
  reads: true,
  run: ({ tables, values }) =>
    rowsOf((values[0] as string[]).flatMap((run) => tables.eventsOf(run).map((row) => ({ run_id: run, ...shown(row) })))),
};

const readEvents: Twin = {
  of: 'read_events',
  reads: true,
  run: ({ tables, values: [run, after, limit] }) =>
    rowsOf(
      tables
        .eventsOf(String(run))
        .filter((row) => row.seq > Number(after))
        .slice(0, Number(limit))
        .map(shown),
    ),
};

function shown({ seq, type, step, attempt, at, data }: EventRow): object {
  return { seq, type, step, attempt, at, data: data === null ? null : JSON.parse(data) };
}

const appendUnowned: Twin = {
  of: /^\s*with moved as \(\s*update run set last_seq = \$2, status = \$3/,
  run: (call) => {
    const { tables, values, now } = call;
    const run = tables.runs.get(String(values[0]));
    if (run === undefined) return NOTHING;
    const status = values[2] as RunStatus;
    const hasMail = (tables.mail.get(run.id) ?? []).length > 0;
    call.writes(run.id, null);
    for (const { row } of eventRows(call)) tables.addEvent(run.id, row);
    moveRun(call, run, {
      lastSeq: Number(values[1]),
      status,
      startedAt: values[3] as number | null,
      completedAt: values[4] as number | null,
      wakeAt: status === 'waiting' && hasMail ? now : (values[5] as number | null),
      deadline: values[6] as number | null,
      output: values[7] as string | null,
      error: values[8] as string | null,
      progress: Number(values[9]),
      control: 'none',
      crashes: 0,
    });
    return NOTHING;
  },
};

const replaceWaits: Twin[] = [
  {
    of: /^delete from wait where run_id = \$1 and step <> all/,
    run: (call) => {
      const [run, kept] = call.values as [string, readonly string[]];
      for (const row of [...call.tables.waits.values()]) if (row.runId === run && !kept.includes(row.step)) removeWait(call, run, row.step);
      return NOTHING;
    },
  },
  {
    of: /^with moved as \(select id, 1 as place, workspace_id/,
    run: (call) => {
      const run = call.tables.runs.get(String(call.values[0]));
      if (run !== undefined) changeWaits(call, [{ place: 1, run }], 2);
      return NOTHING;
    },
  },
  {
    of: /^delete from wait where run_id = \$1$/,
    run: (call): Answer => {
      for (const row of [...call.tables.waits.values()]) if (row.runId === call.values[0]) removeWait(call, row.runId, row.step);
      return NOTHING;
    },
  },
];

export const JOURNAL_TWINS: readonly Twin[] = [append, recognise, readJournals, readEvents, appendUnowned, ...replaceWaits];
