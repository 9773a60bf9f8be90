import { afterAll, describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { compileExpression } from '#lib/workflow/expression.ts';
import type { ExpressionScope, ScopeValues } from '#lib/workflow/expression-scope.ts';
import { compileTemplate } from '#lib/workflow/template.ts';
import { closeExpressionProcesses, evaluateExpression, evaluateInProcess, evaluateTemplate } from './expression-process.ts';

afterAll(closeExpressionProcesses);

const scopeOf = (values: ScopeValues): ExpressionScope => ({ values, now: 1_700_000_000_000, seed: 'seed' });

async function evaluate(text: string, values: ScopeValues = {}): Promise<Json | undefined> {
  return await evaluateExpression(compileExpression(text), scopeOf(values));
}

describe('lanes', { timeout: 30_000 }, () => {
  test('plain templates are answered at once', () => {
    expect(evaluateTemplate(compileTemplate({ a: '{{ input.x }}' }), scopeOf({ input: { x: 1 } }))).toEqual({ a: 1 });
  });

  test('all lanes give the same values', async () => {
    const template = compileTemplate({
      fast: '{{ input.n + 1 }}',
      place: '{{ $sum(input.list) }}',
      process: 'n: {{ $map(input.list, function($x) { $x * input.n }) }}',
      none: '{{ $filter(input.list, function($x) { $x > 9 }) }}',
    });
    expect(await evaluateTemplate(template, scopeOf({ input: { n: 2, list: [1, 2, 3] } }))).toEqual({
      fast: 3,
      place: 6,
      process: 'n: [2,4,6]',
    });
  });

  test('clock and dice are those of the scope in a process too', async () => {
    const dice = '[1..3].($random())';
    expect(await evaluate('($x := $millis(); $x)')).toBe(1_700_000_000_000);
    expect(await evaluate(dice)).toEqual(await evaluate(dice));
  });

  test('much data goes to a process', async () => {
    const list = Array.from({ length: 20_000 }, (_, index) => ({ price: index }));
    expect(await evaluate('$sum(input.list.price)', { input: { list } })).toBe(199_990_000);
  });
});

describe('hostile expressions hurt nobody else', { timeout: 30_000 }, () => {
  const evil: ScopeValues = { input: { text: `${'a'.repeat(60)}!` } };

  test.each<[string, string, string]>([
    ['a regular expression that backtracks', '$match(input.text, /^(a+)+$/)', 'EXPRESSION_TIMEOUT'],
    ['endless tail recursion', '($f := function($x) { $f($x) }; $f(1))', 'EXPRESSION_TIMEOUT'],
    ['endless recursion', '($f := function($x) { 1 + $f($x) }; $f(1))', 'EXPRESSION'],
    ['a range without measure', '$count([1..9000000])', 'EXPRESSION_LIMIT'],
    ['lists that double', '($a := [1..900000]; $b := [$a, $a, $a, $a, $a, $a]; [$b, $b, $b, $b, $b, $b, $b, $b, $b, $b])', 'EXPRESSION'],
    ['a text without measure', '$pad("x", 400000000)', 'EXPRESSION'],
    ['a text that is joined', '$length($join($map([1..5000], function() { $pad("x", 60000) })))', 'EXPRESSION'],
    ['more than a step may give', '$pad("x", 9000000)', 'EXPRESSION_LIMIT'],
    ['a text that doubles', '($s := $pad("x", 100000000); $length($s & $s & $s & $s & $s & $s))', 'EXPRESSION'],
  ])(
    '%s',
    async (_name, text, code) => {
      const bystanders = Promise.all(Array.from({ length: 5 }, (_, index) => evaluate(`($x := ${index}; $x + 1)`)));
      const failed = evaluate(text, evil).then(
        (value) => ({ code: `value ${JSON.stringify(value).slice(0, 50)}` }),
        (thrown: { code: string }) => thrown,
      );
      expect(await bystanders).toEqual([1, 2, 3, 4, 5]);
      expect((await failed).code).toContain(code);
      expect(await evaluate('($x := 1; $x + 1)')).toBe(2);
    },
    30_000,
  );

  test('the event loop keeps turning meanwhile', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 10);
    await expect(evaluateInProcess('$match(input.text, /^(a+)+$/)', scopeOf(evil), 300)).rejects.toMatchObject({
      code: 'EXPRESSION_TIMEOUT',
    });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  test('errors keep their position', async () => {
    await expect(evaluate('($x := 1; $x + "a")')).rejects.toMatchObject({ code: 'EXPRESSION_ERROR', position: 14 });
  });
});
