import { expect, test } from 'vitest';
import { readImport } from './read-import.ts';

test('takes a definition, and one inside an export of the API', () => {
  const definition = { name: 'Sync', steps: [{ id: 'a', type: 'wait' }] };
  const bare = readImport(JSON.stringify(definition));
  expect(bare).toEqual({ definition, summary: 'Sync · 1 step', error: null });
  expect(readImport(JSON.stringify({ id: 'wf_1', definition })).definition).toEqual(definition);
});

test('nothing typed is no fault', () => {
  expect(readImport('  ')).toEqual({ definition: null, summary: null, error: null });
});

test.each(['{', '[1]', '"text"', 'null'])('refuses %s with a sentence', (text) => {
  const { definition, error } = readImport(text);
  expect(definition).toBeNull();
  expect(error).toMatch(/JSON/);
});
