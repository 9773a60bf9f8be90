import { expect, test } from 'vitest';
import { RUN_LOOK, shownStatus } from './status.ts';

test.each([
  ['completed', null, 'completed'],
  ['completed', 'running', 'undoing'],
  ['completed', 'done', 'undone'],
  ['completed', 'failed', 'undo_failed'],
  ['cancelled', null, 'cancelled'],
] as const)('a step that is %s, with its undo %s, is shown as %s', (status, undo, shown) => {
  expect(shownStatus({ status, undo })).toBe(shown);
});

test('what was taken back has not the color of what is done', () => {
  expect(RUN_LOOK.undone.tone).not.toBe(RUN_LOOK.completed.tone);
});
