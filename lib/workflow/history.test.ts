import { describe, expect, test } from 'vitest';
import type { Definition } from './definition.ts';
import { endMerge, HISTORY_LIMIT, historyLabels, rebase, record, redo, startHistory, undo } from './history.ts';

function workflow(name: string): Definition {
  return { name, steps: [] };
}

describe('history', () => {
  const states = Array.from({ length: 600 }, (_, at) => workflow(`v${at}`));
  test('one drag is one undo; the next drag is another', () => {
    let history = startHistory(states[0] as Definition);
    for (const at of [1, 2, 3]) history = record(history, states[at] as Definition, { label: 'Move', mergeKey: 'drag' });
    history = endMerge(history);
    for (const at of [4, 5]) history = record(history, states[at] as Definition, { label: 'Move', mergeKey: 'drag' });
    expect(undo(history).present).toBe(states[3]);
    expect(undo(undo(history)).present).toBe(states[0]);
    expect(redo(undo(undo(history))).present).toBe(states[3]);
    expect(historyLabels(undo(history))).toEqual({ undo: 'Move', redo: 'Move' });
  });
  test('a new change forgets what was undone', () => {
    const history = undo(record(startHistory(states[0] as Definition), states[1] as Definition, { label: 'x' }));
    expect(redo(record(history, states[2] as Definition, { label: 'y' })).present).toBe(states[2]);
    expect(redo(history).present).toBe(states[1]);
  });
  test('at most 500', () => {
    let history = startHistory(states[0] as Definition);
    for (const state of states.slice(1)) history = record(history, state, { label: 'x' });
    expect(history.past).toHaveLength(HISTORY_LIMIT);
    expect(undo(startHistory(states[0] as Definition)).present).toBe(states[0]);
  });
});

test('somebody else’s changes stand in every state: undo takes back one’s own alone', () => {
  const one = workflow('a');
  const start = startHistory(one);
  const mine = record(start, { ...one, timeout: '5m' }, { label: 'Timeout' });
  const both = record(mine, { ...mine.present, on_error: 'pause' }, { label: 'Pause' });
  const rebased = rebase(undo(both), (definition) => ({ ...definition, description: 'theirs', timeout: '9m' }));
  // They set the timeout too, to what it then is: my change of it makes no difference any more.
  expect(historyLabels(rebased)).toEqual({ undo: null, redo: 'Pause' });
  expect(rebased.present).toEqual({ ...one, description: 'theirs', timeout: '9m' });
  expect(redo(rebased).present).toEqual({ ...one, description: 'theirs', timeout: '9m', on_error: 'pause' });
});
