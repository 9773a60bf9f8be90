import { expect, test } from 'vitest';
import type { RunEvent } from '#lib/engine/events.ts';
import { logLines } from './log-lines.ts';

function log(seq: number, step: string, lines: readonly string[]): RunEvent {
  return { seq, at: seq * 10, type: 'step_log', step, attempt: 1, lines };
}

const EVENTS = [log(1, 'each[0].say', ['one', 'two']), log(2, 'each_other', ['x']), log(3, 'each[1].say', ['three'])];

test('lines come in their order, of all steps or of one with what runs inside of it', () => {
  expect(logLines(EVENTS, null).map((line) => line.text)).toEqual(['one', 'two', 'x', 'three']);
  expect(logLines(EVENTS, 'each').map((line) => line.text)).toEqual(['one', 'two', 'three']);
  expect(logLines(EVENTS, 'each[1].say')).toEqual([{ step: 'each[1].say', at: 30, text: 'three' }]);
  expect(logLines(EVENTS, 'nobody')).toEqual([]);
});
