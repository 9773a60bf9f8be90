import fc from 'fast-check';
import jsonata from 'jsonata';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { compileExpression, evaluateInPlace, isTruthy, nameInExpression, referencesOf, renameReferences } from './expression.ts';
import { BAIL } from './expression-fast.ts';
import { interpret } from './expression-interpreter.ts';
import type { ScopeValues } from './expression-scope.ts';

async function evaluate(text: string, values: ScopeValues): Promise<Json | undefined> {
  return await evaluateInPlace(compileExpression(text), { values, now: 0, seed: '' });
}

describe('properties', { timeout: 60_000 }, () => {
  const name = fc.constantFrom('input', 'steps', 'a', 'b', 'c', 'output');
  const data = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Json>(null, true, false, 0, 1, -2, 2.5, 0.1, '', 'x', 'y'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'output', '_jsonata_function'), tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  const path = fc
    .tuple(
      fc.constantFrom('input', 'steps', 'item'),
      fc.array(fc.tuple(name, fc.constantFrom('', '', '', '[0]', '[-1]', '[1]')), { maxLength: 4 }),
    )
    .map(([root, rest]) => [root, ...rest.map(([word, index]) => word + index)].join('.'));
  const expression = fc.letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { maxDepth: 3 },
      { weight: 4, arbitrary: path },
      fc.constantFrom('1', '0', '2.5', '-3', '"x"', '""', 'true', 'false', 'null', '0.1'),
      fc
        .tuple(tie('text'), fc.constantFrom('=', '!=', '<', '>=', 'and', 'or', '&', '+', '-', '*', '/', '%', 'in', '>', '<='), tie('text'))
        .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      fc.tuple(tie('text'), tie('text'), tie('text')).map((parts) => `(${parts[0]} ? ${parts[1]} : ${parts[2]})`),
      fc.tuple(fc.constantFrom('$exists', '$not', '$count'), tie('text')).map(([call, argument]) => `${call}(${argument})`),
    ),
  })).text;

  test('the fast lane means what the interpreter means', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(expression, data, data, async (text, input, steps) => {
        const compiled = compileExpression(text);
        const scope = { input, steps, item: [input, steps] } as ScopeValues;
        expect(compiled.problems).toEqual([]);
        if (compiled.fast === null) return;
        let fast: unknown;
        try {
          fast = compiled.fast(scope);
        } catch (thrown) {
          expect(thrown).toBe(BAIL);
          return;
        }
        taken += 1;
        const slow = await interpret(compiled.translation, { values: scope, now: 0, seed: '', timeout: 1000 });
        expect(fast === undefined ? undefined : JSON.parse(JSON.stringify(fast))).toEqual(
          slow === undefined ? undefined : JSON.parse(JSON.stringify(slow)),
        );
      }),
      { numRuns: 1500 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  test('only what is referenced is needed', async () => {
    await fc.assert(
      fc.asyncProperty(path, data, data, async (text, input, steps) => {
        const scope = { input, steps } as ScopeValues;
        const whole = await jsonata(`[${text}]`).evaluate(scope);
        expect(await evaluate(`[${text}]`, scope)).toEqual(JSON.parse(JSON.stringify(whole)));
      }),
      { numRuns: 500 },
    );
  });

  test('conditions read values as $boolean does', async () => {
    await fc.assert(
      fc.asyncProperty(data, async (input) => {
        expect(isTruthy(input)).toBe((await jsonata('$boolean($)').evaluate([input])) ?? false);
      }),
    );
  });

  test('reading any text never throws, and an id in an expression is read back', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        referencesOf(text);
        renameReferences(text, 'a', 'b');
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_\-.:]{1,20}$/), (id) => {
        expect(referencesOf(`steps.${nameInExpression(id)}.output`).references).toMatchObject([
          { root: 'steps', step: id, path: ['output'] },
        ]);
      }),
    );
  });
});
