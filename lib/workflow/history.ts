import { jsonEqual } from '#lib/base/json.ts';
import type { Definition } from './definition.ts';

/**
 * Undo and redo by keeping earlier definitions: they share every unchanged step, so an entry costs little more than the
 * steps it changed, and undo can't drift from what was there.
 */
export interface History {
  readonly past: readonly HistoryEntry[];
  readonly present: Definition;
  readonly future: readonly HistoryEntry[];
  /** Key of the gesture that made `present`; null once it is over. */
  readonly openMerge: string | null;
}

/** A definition to go back (or forward) to, and what the change between it and its neighbour was. */
export interface HistoryEntry {
  readonly definition: Definition;
  /** Text for "Undo …", such as `Move fetch`. */
  readonly label: string;
}

/** More changes than this are forgotten, oldest first. */
export const HISTORY_LIMIT = 500;

export function startHistory(definition: Definition): History {
  return { past: [], present: definition, future: [], openMerge: null };
}

/**
 * Records `next` as the present. Changes with the same `mergeKey` in a row (the moves of one drag, the keystrokes in
 * one field) become one undo, until `endMerge`, an undo or another key ends the gesture. The same object as before
 * records nothing. What had been undone is forgotten.
 */
export function record(history: History, next: Definition, mark: { readonly label: string; readonly mergeKey?: string }): History {
  if (next === history.present) return history;
  const merges = mark.mergeKey !== undefined && mark.mergeKey === history.openMerge && history.past.length > 0;
  const past = merges ? history.past : [...history.past, { definition: history.present, label: mark.label }].slice(-HISTORY_LIMIT);
  return { past, present: next, future: [], openMerge: mark.mergeKey ?? null };
}

/** Ends a gesture (pointer up, field left): the next change with the same key is an undo of its own. */
export function endMerge(history: History): History {
  return history.openMerge === null ? history : { ...history, openMerge: null };
}

/** One change back; the same object when there is none. */
export function undo(history: History): History {
  const last = history.past.at(-1);
  if (last === undefined) return history;
  return withoutIdle({
    past: history.past.slice(0, -1),
    present: last.definition,
    future: [{ definition: history.present, label: last.label }, ...history.future],
    openMerge: null,
  });
}

/** One undone change forward; the same object when there is none. */
export function redo(history: History): History {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  const past = [...history.past, { definition: history.present, label: next.label }];
  return withoutIdle({ past, present: next.definition, future, openMerge: null });
}

/**
 * The history as it would be, had somebody else's changes been there from the beginning: `rebased` puts them into each
 * definition. So an undo takes back one's own change and never theirs. It is asked for an entry when that is reached: at
 * 1,000 steps a merge takes 2 ms, and of 500 entries most are never looked at again.
 */
export function rebase(history: History, rebased: (definition: Definition) => Definition): History {
  const later = (entry: HistoryEntry): HistoryEntry => {
    let made: Definition | null = null;
    return {
      label: entry.label,
      get definition() {
        made ??= rebased(entry.definition);
        return made;
      },
    };
  };
  return withoutIdle({
    past: history.past.map(later),
    present: rebased(history.present),
    future: history.future.map(later),
    openMerge: null,
  });
}

/** Without next steps that would change nothing, because somebody else did or overrode the same. */
function withoutIdle(history: History): History {
  const { past, present, future } = history;
  const isIdle = (entry: HistoryEntry) => jsonEqual(entry.definition, present);
  const kept = past.findLastIndex((entry) => !isIdle(entry)) + 1;
  const next = future.findIndex((entry) => !isIdle(entry));
  const idleAhead = next < 0 ? future.length : next;
  return kept === past.length && idleAhead === 0 ? history : { ...history, past: past.slice(0, kept), future: future.slice(idleAhead) };
}

/** What the next undo and redo would take back or bring back, or null. */
export function historyLabels(history: History): { readonly undo: string | null; readonly redo: string | null } {
  return { undo: history.past.at(-1)?.label ?? null, redo: history.future[0]?.label ?? null };
}
