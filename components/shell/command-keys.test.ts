import { expect, test } from 'vitest';
import { chordOf } from './command-keys.ts';

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

test.each([
  ['a letter with Ctrl', { key: 'k', ctrlKey: true }, 'mod+k'],
  ['a letter with ⌘', { key: 'k', metaKey: true }, 'mod+k'],
  ['Shift with a letter', { key: 'Z', ctrlKey: true, shiftKey: true }, 'mod+shift+z'],
  ['a symbol that needs Shift', { key: '?', shiftKey: true }, '?'],
  ['a symbol that needs AltGr', { key: '[', ctrlKey: true, altKey: true }, '['],
  ['an arrow', { key: 'ArrowDown', altKey: true }, 'alt+down'],
  ['the space bar', { key: ' ' }, 'space'],
])('%s', (_name, event, chord) => {
  expect(chordOf({ ...none, ...event })).toBe(chord);
});
