import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileExpression } from './expression.ts';
import type { ScopeValues } from './expression-scope.ts';
import { MAX_READ_BYTES, readValues } from './read-values.ts';

const read = (text: string, values: ScopeValues, hidden = false) => readValues(compileExpression(text).references, values, () => hidden);

test.each<[name: string, text: string, values: ScopeValues, read: unknown]>([
  ['a value, once', 'input.n > 2 and input.n < 9', { input: { n: 3 } }, [{ path: 'input.n', value: 3 }]],
  ['nothing', 'input.n', { input: {} }, [{ path: 'input.n' }]],
  [
    'of a step whose id needs backticks',
    'steps.`get-it`.output.ok',
    { steps: { 'get-it': { output: { ok: true } } } },
    [{ path: 'steps.`get-it`.output.ok', value: true }],
  ],
  [
    'of a list: the list',
    'input.list.n > 1',
    { input: { list: [{ n: 1 }, { n: 2 }] } },
    [{ path: 'input.list.n', value: [{ n: 1 }, { n: 2 }] }],
  ],
  ['a long text', 'input.t', { input: { t: 'x'.repeat(500) } }, [{ path: 'input.t', value: 'x'.repeat(100), cut: true }]],
  ['a long list', 'input.l', { input: { l: Array(500).fill(1) } }, [{ path: 'input.l', value: 'a list of 500', cut: true }]],
  ['what could be anything', '$', { input: { t: 1 } }, []],
  ['no secret', 'secrets.KEY = "x"', { secrets: { KEY: 'x' } }, []],
])('what an expression read: %s', (_name, text, values, expected) => {
  expect(read(text, values)).toEqual(expected);
});

test('what is hidden is told without its value', () => {
  expect(read('steps.a.output.n', { steps: { a: { output: { n: 1 } } } }, true)).toEqual([
    { path: 'steps.a.output.n', value: '[REDACTED]' },
  ]);
});

test('whatever is read takes at most a thousand bytes in the journal', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,20}$/), fc.jsonValue({ maxDepth: 3 })), (input) => {
      const text = Object.keys(input)
        .map((name) => `$exists(input.${name})`)
        .join(' and ');
      const found = read(text || 'true', { input: input as never });
      expect(new TextEncoder().encode(JSON.stringify(found)).length).toBeLessThanOrEqual(MAX_READ_BYTES + 2);
    }),
  );
});
