import { apply, fold } from '#lib/engine/apply.ts';
import type { NewRunEvent, RunEvent } from '#lib/engine/events.ts';
import { eventsAfter, type JournalRow, numbersOf } from '#lib/engine/journal-row.ts';
import { isSettled } from '#lib/engine/readiness.ts';
import { placeOf, stepAt } from '#lib/engine/scope.ts';
import { initialState, isFinal, type RunState } from '#lib/engine/state.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import type { Written } from './outside.ts';
import type { EventRow, RunRow, Tables } from './tables.ts';
import { visible } from './visible.ts';

/**
 * Watches what is committed, move by move, and says which promise is broken. It believes nobody but the tables: the rows of
 * the journal, folded by itself, against the rows of the runs.
 */
export class Observer {
  readonly #tables: Tables;
  readonly #graphOf: (hash: string) => Graph;
  readonly #seen = new Map<string, Seen>();
  /** The first promise that was broken. */
  broken: string | null = null;
  /** Journal rows by type of their event. */
  readonly rows = new Map<string, number>();

  constructor(tables: Tables, graphOf: (hash: string) => Graph) {
    this.#tables = tables;
    this.#graphOf = graphOf;
  }

  blame(promise: string): void {
    this.broken ??= promise;
  }

  /** What the journal says of a run, as far as it is committed; null for a run that is not there. */
  stateOf(run: string): RunState | null {
    return this.#seen.get(run)?.state ?? null;
  }

  onCommit(touched: ReadonlySet<string>, written: readonly Written[], now: number): void {
    for (const one of written) this.#checkWriter(one);
    for (const id of touched) {
      const run = this.#tables.runs.get(id);
      if (run === undefined) continue;
      this.#readOn(run);
      this.#checkRow(run, now);
    }
    for (const [key, held] of this.#tables.slots) {
      const max = this.#tables.limits.get(key)?.max ?? 0;
      if (held.size > max) this.blame(`A limit is overshot: ${held.size} runs hold the ${max} slots of ${key}`);
    }
  }

  /** What is only certain when nothing is under way any more. */
  checkEnd(): void {
    for (const run of this.#tables.runs.values()) {
      const seen = this.#seen.get(run.id);
      if (seen === undefined) continue;
      const events = eventsAfter(journalRows(this.#tables.eventsOf(run.id)), 0);
      const whole = visible(fold(seen.graph, events));
      if (whole !== visible(seen.state))
        this.blame(
          `Folding the journal of ${run.id} piece by piece gives another state than folding it whole${firstDifference(whole, visible(seen.state))}`,
        );
      const half = fold(seen.graph, events.slice(0, events.length >> 1));
      for (const event of events.slice(events.length >> 1)) apply(half, event);
      if (whole !== visible(half)) this.blame(`Folding the journal of ${run.id} in two parts gives another state than folding it whole`);
      if (isFinal(seen.state.status) && [...this.#tables.waits.values()].some((one) => one.runId === run.id))
        this.blame(`The run ${run.id} has ended and still shows a wait`);
    }
  }

  #checkWriter({ run, worker, owner, alive }: Written): void {
    if (worker === null) {
      if (owner !== null) this.blame(`The journal of ${run} was written past its owner ${owner}`);
    } else if (!alive) {
      this.blame(`The worker ${worker}, which was declared dead, wrote the journal of ${run}`);
    } else if (owner !== worker) {
      this.blame(`The worker ${worker} wrote the journal of ${run}, which belongs to ${owner}`);
    }
  }

  /** Takes in the rows that are new. */
  #readOn(run: RunRow): void {
    const rows = this.#tables.eventsOf(run.id);
    let seen = this.#seen.get(run.id);
    if (seen === undefined || seen.hash !== run.definitionHash) {
      const graph = this.#graphOf(run.definitionHash);
      seen = { graph, hash: run.definitionHash, state: initialState(graph), count: 0, last: null, taken: new Set(), received: new Set() };
      this.#seen.set(run.id, seen);
    }
    if (seen.last !== null && rows[seen.count - 1] !== seen.last) this.blame(`The journal of ${run.id} was changed behind its end`);
    for (const row of rows.slice(seen.count)) {
      const journalRow = journalRowOf(row);
      const expected = (seen.last?.seq ?? 0) + numbersOf(journalRow);
      if (row.seq !== expected) this.blame(`The journal of ${run.id} has number ${row.seq} where ${expected} follows`);
      for (const event of eventsAfter([journalRow], 0)) this.#take(run, seen, event);
      seen.last = row;
      this.rows.set(row.type, (this.rows.get(row.type) ?? 0) + 1);
    }
    seen.count = rows.length;
  }

  #take(run: RunRow, seen: Seen, event: RunEvent): void {
    const { state } = seen;
    if (isFinal(state.status) && event.type !== 'run_reopened')
      this.blame(`The journal of ${run.id} goes on after its end with ${event.type}`);
    this.#checkOnce(run, seen, event);
    apply(state, event);
  }

  /** A finished step stays finished, an event from outside comes and is taken once. */
  #checkOnce(run: RunRow, seen: Seen, event: RunEvent): void {
    if (event.type === 'run_reopened' && event.kind === 'restart' && event.from_step === null) seen.received.clear();
    if (event.type === 'event_received') {
      const id = (event.payload as { id?: string } | null)?.id;
      if (id !== undefined && seen.received.has(id)) this.blame(`The event ${id} came to ${run.id} twice`);
      if (id !== undefined) seen.received.add(id);
    }
    if (event.type === 'step_completed' && event.event !== undefined) {
      if (seen.taken.has(event.event)) this.blame(`Event number ${event.event} of ${run.id} was taken twice`);
      seen.taken.add(event.event);
    }
    if ('step' in event && ENDS.includes(event.type)) {
      const place = placeOf(seen.state, event.step);
      const at = place === undefined ? undefined : stepAt(place.scope, place.index).at;
      if (at !== undefined && isSettled(at.status))
        this.blame(`The step ${event.step} of ${run.id} was ${at.status}, and then came ${event.type}`);
    }
  }

  #checkRow(run: RunRow, now: number): void {
    const seen = this.#seen.get(run.id);
    if (seen === undefined) return;
    const last = seen.last?.seq ?? 0;
    if (run.owner === null && run.lastSeq !== last)
      this.blame(`Nobody owns ${run.id}, and its row says ${run.lastSeq} where its journal ends at ${last}`);
    if (run.lastSeq > last) this.blame(`The row of ${run.id} is ahead of its journal`);
    const { state } = seen;
    const rests = run.owner === null && (run.status === 'paused' || (run.status === 'waiting' && (run.wakeAt ?? Infinity) > now + 1000));
    if (rests && run.control !== 'none') this.blame(`Nobody drives ${run.id}, and the wish to ${run.control} it is forgotten`);
    if (isFinal(run.status) !== isFinal(state.status) || (isFinal(run.status) && run.status !== state.status))
      this.blame(`The row of ${run.id} says ${run.status}, its journal ${state.status}`);
    // One whose owner died before it gave it back is `pausing` until another has.
    const isPaused = run.status === 'paused' || (run.status === 'pausing' && state.status === 'paused');
    if (run.owner === null && isPaused !== (state.status === 'paused'))
      this.blame(`The row of ${run.id} says ${run.status}, its journal ${state.status}`);
    if (isFinal(run.status) && isFinal(state.status) && (run.output ?? 'null') !== JSON.stringify(state.output))
      this.blame(`The row of ${run.id} shows another output than its journal`);
  }
}

interface Seen {
  readonly graph: Graph;
  readonly hash: string;
  readonly state: RunState;
  count: number;
  last: EventRow | null;
  /** Numbers of the events that waits have taken. */
  readonly taken: Set<number>;
  /** What came from outside, by the name that the sender gave it. */
  readonly received: Set<string>;
}

/** Nothing of these may follow the end of their step. */
const ENDS: readonly NewRunEvent['type'][] = [
  'step_started',
  'step_completed',
  'step_failed',
  'step_retrying',
  'step_skipped',
  'step_cancelled',
  'step_waiting',
  'loop_opened',
];

export function journalRows(rows: readonly EventRow[]): JournalRow[] {
  return rows.map(journalRowOf);
}

function journalRowOf({ seq, type, step, attempt, at, data }: EventRow): JournalRow {
  return { seq, type, step, attempt, at, data: data === null ? {} : JSON.parse(data) };
}

function firstDifference(one: string, other: string): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return `: …${one.slice(Math.max(0, at - 60), at + 60)}… and …${other.slice(Math.max(0, at - 60), at + 60)}…`;
}
