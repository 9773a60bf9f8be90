import { describe, expect, test } from 'vitest';
import type { RunEvent } from './events.ts';
import { eventsAfter, expandRow, numbersOf, rowsOf, toRow } from './journal-row.ts';

const started: RunEvent = { seq: 4, at: 1000, type: 'step_started', step: 'a', attempt: 1, execution: 2, input: { url: 'x' } };
const ended = (at: number): RunEvent => ({ seq: 5, at, type: 'step_completed', step: 'a', attempt: 1, output: [1], started_at: 1000 });

describe('a step that ends within 200 ms is one row', () => {
  test('keyed by its end, with two numbers', () => {
    const [row, more] = rowsOf([started, ended(1200)]);
    expect(more).toBeUndefined();
    expect(row).toMatchObject({ seq: 5, type: 'step_completed', step: 'a', attempt: 1, at: 1200 });
    expect(row && numbersOf(row)).toBe(2);
    expect(row && expandRow(row)).toEqual([started, ended(1200)]);
  });

  test('a longer one, one with another event between, and a start alone have rows of their own', () => {
    expect(rowsOf([started, ended(1201)])).toHaveLength(2);
    const log: RunEvent = { seq: 5, at: 1001, type: 'step_log', step: 'a', attempt: 1, lines: ['hello'] };
    expect(rowsOf([started, log, { ...ended(1100), seq: 6 }])).toHaveLength(3);
    expect(rowsOf([started]).flatMap(expandRow)).toEqual([started]);
  });

  test('the worker makes the same row of an end that is not numbered yet', () => {
    const { seq: _, ...end } = ended(1100);
    const row = toRow(end, 5, { execution: 2, input: { url: 'x' } });
    expect(row).toEqual(rowsOf([started, ended(1100)])[0]);
    expect(numbersOf(toRow(end, 5))).toBe(1);
  });

  test('a stream that continues within such a row gets the end alone', () => {
    const rows = rowsOf([started, ended(1100)]);
    expect(eventsAfter(rows, 4).map((event) => event.seq)).toEqual([5]);
    expect(eventsAfter(rows, 3).map((event) => event.seq)).toEqual([4, 5]);
  });

  test('survives JSON, and a failure that never started stays one number', () => {
    const failed: RunEvent = {
      seq: 9,
      at: 5,
      type: 'step_failed',
      step: 'b',
      attempt: 0,
      error: { code: 'TASK_EXPIRED', message: 'late' },
      started_at: null,
    };
    const rows = JSON.parse(JSON.stringify(rowsOf([started, ended(1100), failed])));
    expect(rows.flatMap(expandRow)).toEqual([started, ended(1100), failed]);
  });
});
