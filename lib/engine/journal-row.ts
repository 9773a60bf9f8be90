import { isJsonObject, type JsonObject } from '#lib/base/json.ts';
import type { NewRunEvent, RunEvent } from '#lib/engine/events.ts';

/**
 * Events as the journal keeps them: one row for each, but a step that ended within SHORT_STEP_MS is one row for its
 * start and its end, which halves the writes of quick steps. Such a row is keyed by its end and takes two numbers, so
 * its start is `seq − 1`; its data carries the start under `start`.
 */
export interface JournalRow {
  readonly seq: number;
  readonly type: RunEvent['type'];
  readonly step: string | null;
  readonly attempt: number | null;
  readonly at: number;
  /** The event's other fields. */
  readonly data: JsonObject;
}

/** A step that lasts longer gets a `step_started` row of its own. */
export const SHORT_STEP_MS = 200;

type Started = Extract<RunEvent, { type: 'step_started' }>;
type Ended = Extract<RunEvent, { type: 'step_completed' | 'step_failed' | 'step_retrying' }>;
/** What a short row says of its start, beside the number, step, attempt and time that follow from the end. */
export type ShortStart = Pick<Started, 'execution' | 'input'>;

/**
 * The row of an event. With `start`, the event is the end of a step whose start has no row of its own: `seq` is then
 * the end's number and `seq − 1` the start's.
 */
export function toRow(event: NewRunEvent, seq: number, start: ShortStart | null = null): JournalRow {
  const { type, at, ...rest } = event;
  const { step = null, attempt = null, ...data } = rest as JsonObject & { step?: string; attempt?: number };
  return { seq, type, step, attempt, at, data: start === null ? data : { ...data, start: startData(start) } };
}

function startData(start: ShortStart): JsonObject {
  return start.input === undefined ? { execution: start.execution } : { execution: start.execution, input: start.input };
}

/** How many numbers a row takes: two when it stands for a start and an end. */
export function numbersOf(row: JournalRow): 1 | 2 {
  return isJsonObject(row.data.start) ? 2 : 1;
}

/** The events of a row, one or two, in order. `expandRow(toRow(e, e.seq))` gives back `e`. */
export function expandRow(row: JournalRow): RunEvent[] {
  const { start } = row.data;
  const event = eventOf(row.data, row, { type: row.type, seq: row.seq, at: row.at });
  if (!isJsonObject(start)) return [event];
  const startedAt = typeof row.data.started_at === 'number' ? row.data.started_at : row.at;
  return [eventOf(start, row, { type: 'step_started', seq: row.seq - 1, at: startedAt }), event];
}

/**
 * The journal is written by this file alone, so its rows are events by construction; they are not checked again. Field
 * by field: spreading costs several times as much, and a long run has tens of thousands of rows.
 */
function eventOf(data: JsonObject, { step, attempt }: JournalRow, rest: Pick<RunEvent, 'type' | 'seq' | 'at'>): RunEvent {
  const event: Record<string, unknown> = { type: rest.type, seq: rest.seq, at: rest.at };
  for (const field of Object.keys(data)) if (field !== 'start') event[field] = data[field];
  if (step !== null) event.step = step;
  if (attempt !== null) event.attempt = attempt;
  return event as unknown as RunEvent;
}

/** The fewest rows for numbered events: a start directly before its own short end is folded into it. */
export function rowsOf(events: readonly RunEvent[]): JournalRow[] {
  const rows: JournalRow[] = [];
  for (let i = 0; i < events.length; i++) {
    const [event, next] = [events[i], events[i + 1]];
    if (event === undefined) break;
    if (event.type === 'step_started' && next !== undefined && isShortEnd(event, next)) {
      rows.push(toRow(withoutSeq(next), next.seq, event.input === undefined ? { execution: event.execution } : event));
      i++;
    } else {
      rows.push(toRow(withoutSeq(event), event.seq));
    }
  }
  return rows;
}

function isShortEnd(start: Started, next: RunEvent): next is Ended {
  if (next.type !== 'step_completed' && next.type !== 'step_failed' && next.type !== 'step_retrying') return false;
  const same = next.step === start.step && next.attempt === start.attempt && next.started_at === start.at;
  return same && next.seq === start.seq + 1 && next.at - start.at <= SHORT_STEP_MS;
}

function withoutSeq(event: RunEvent): NewRunEvent {
  const { seq: _, ...rest } = event;
  return rest as NewRunEvent;
}

/** The events after a given number, as a stream that continues needs them: a short row may be cut in two. */
export function eventsAfter(rows: Iterable<JournalRow>, after: number): RunEvent[] {
  const events: RunEvent[] = [];
  for (const row of rows) for (const event of expandRow(row)) if (event.seq > after) events.push(event);
  return events;
}
