import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { compileExpression, evaluateInPlace, referencesOf, renameReferences } from './expression.ts';
import { ExpressionError, type ExpressionScope, type ScopeValues } from './expression-scope.ts';

function scopeOf(values: ScopeValues): ExpressionScope {
  return { values, now: Date.UTC(2026, 0, 2, 3, 4, 5), seed: 'run_1:step:1' };
}

async function evaluate(text: string, values: ScopeValues = {}): Promise<Json | undefined> {
  return await evaluateInPlace(compileExpression(text), scopeOf(values));
}

async function failure(text: string, values: ScopeValues = {}): Promise<ExpressionError> {
  try {
    await evaluate(text, values);
  } catch (thrown) {
    if (thrown instanceof ExpressionError) return thrown;
    throw thrown;
  }
  throw new Error('It did not fail');
}

const values: ScopeValues = {
  input: {
    name: 'Ada',
    total: 12,
    items: [{ price: 3, tags: ['a'] }, { price: 5, tags: [] }, { price: 9 }],
    none: [],
    one: [{ price: 1 }],
  },
  steps: {
    fetch: { output: { status_code: 200, body: { users: [{ id: 1 }, { id: 2 }] } }, status: 'completed', branch: null },
    'odd-id': { output: 'yes' },
    failed: { error: { code: 'HTTP_STATUS' }, status: 'failed' },
  },
  mock: { url: 'http://127.0.0.1:3000/mock' },
};

describe('values', () => {
  test.each<[string, Json | undefined]>([
    ['input.name', 'Ada'],
    ['{{ input.name }}', 'Ada'],
    ['  {{input.total}}  ', 12],
    ['steps.fetch.output.body.users.id', [1, 2]],
    ['steps.fetch.output.body.users[0].id', 1],
    ['steps.fetch.output.body.users[-1].id', 2],
    ['steps.`odd-id`.output', 'yes'],
    ['steps."odd-id".output', 'yes'],
    ['steps.failed.error.code', 'HTTP_STATUS'],
    ['steps.fetch.branch', null],
    ['input.missing.deeper', undefined],
    ['input.items[price > 4].price', [5, 9]],
    ['input.items[price > 8]', { price: 9 }],
    ['input.items[price > 8][]', [{ price: 9 }]],
    ['$sum(input.items.price)', 17],
    ['input.total == 12 && input.name != "Bob"', true],
    ['input.total = 11 || input.name == "Ada"', true],
    ['input.total > 10 and $not($exists(input.missing))', true],
    ['input.total > 10 ? "big" : "small"', 'big'],
    ['input.name & " has " & input.total', 'Ada has 12'],
    ['"a" in ["a", "b"]', true],
    ['"a == b && c || d"', 'a == b && c || d'],
    ['/* == */ input.total', 12],
    ['$map(input.items, function($item) { $item.price * input.total })', [36, 60, 108]],
    ['{ "a": { "b": input.total } }', { a: { b: 12 } }],
    ['$contains(input.name, /d/)', true],
    ['mock.url & "/echo"', 'http://127.0.0.1:3000/mock/echo'],
    ['input.items ~> $count', 3],
    ['(input.items)[0].price', 3],
    ['input.name ?? "x"', 'Ada'],
    ['input.nope ?: "x"', 'x'],
  ])('%s', async (text, expected) => {
    expect(await evaluate(text, values)).toEqual(expected);
  });

  test('a list that was made on the way is a plain list', async () => {
    const result = await evaluate('{ "ids": steps.fetch.output.body.users.id, "all": [input.items[price > 4].price] }', values);
    expect(Object.keys((result as { ids: object }).ids)).toEqual(['0', '1']);
    expect(result).toEqual({ ids: [1, 2], all: [5, 9] });
  });

  test.each([
    'input.list[]',
    'input.none[]',
    'input.none{ "a": 1 }',
    'input.list ~> |$|{"b": 2}|',
    '$append(input.list, input.list)',
    '$sort(input.list)',
    '$reverse(input.list)',
    'input.list^(a)',
    '$merge(input.list)',
    '$shuffle(input.list)',
  ])('%s leaves the data as it was', async (text) => {
    const data = { list: [{ a: 2 }, { a: 1 }], none: [] };
    await evaluate(text, { input: data }).catch(() => undefined);
    expect([Object.keys(data.list), Object.keys(data.none), data.list[0]]).toEqual([['0', '1'], [], { a: 2 }]);
  });

  test('plain paths, comparisons and conditions are synchronous', () => {
    for (const text of ['input.total', 'input.total > 3 && input.name = "Ada"', 'input.items[0].price + 1', '$exists(input.x) ? 1 : 2']) {
      expect(evaluateInPlace(compileExpression(text), scopeOf(values)), text).not.toBeInstanceOf(Promise);
    }
  });
});

describe('clock and dice', () => {
  test('come from the scope, so that replays are equal', async () => {
    expect(await evaluate('$now()')).toBe('2026-01-02T03:04:05.000Z');
    expect(await evaluate('$now("[Y0001]-[M01]")')).toBe('2026-01');
    expect(await evaluate('$millis()')).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
    const dice = '[$random(), $random(), $shuffle([1..9])]';
    const first = await evaluate(dice);
    expect(first).toEqual(await evaluate(dice));
    expect(new Set(first as Json[]).size).toBe(11);
    expect(await evaluateInPlace(compileExpression(dice), { ...scopeOf({}), seed: 'another' })).not.toEqual(first);
  });
});

describe('errors', () => {
  test.each<[string, string, number]>([
    ['input.', 'Unexpected end of expression', 6],
    ['input.total == == 3', 'unary operator', 17],
    ['{{ input.a b }}', 'Syntax error', 12],
    ['', 'empty', 0],
    ['{{ }}', 'empty', 2],
    ["'open", 'must be terminated', 5],
    ['count(input.a) > 1', 'write $count', 0],
    ['input.a > 1 and not (input.b)', 'write $not', 16],
    ['$eval("1")', '$eval does not exist', 0],
    ['(((((((((('.repeat(5000), 'longer', 0],
    ['('.repeat(19_000), '', 0],
  ])('%.20s', (text, message, position) => {
    const { problems } = referencesOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(message);
    if (message !== '') expect(problems[0]?.position).toBe(position);
  });

  test('of evaluation carry a code, a text and a position in the author’s text', async () => {
    const error = await failure('input.total && input.none ? 1 : $uppercase(input.total)', values);
    expect(error).toMatchObject({ code: 'EXPRESSION_ERROR', path: '' });
    expect(error.message).toContain('uppercase');
    expect(error.position).toBeGreaterThan(14);
    expect(await failure('1 / 0')).toMatchObject({ code: 'EXPRESSION_ERROR', message: 'Number out of range: Infinity' });
    expect(await failure('function($x) { $x }')).toMatchObject({ code: 'EXPRESSION_ERROR' });
    expect(await failure('$missing()')).toMatchObject({ code: 'EXPRESSION_ERROR' });
    expect(await failure('input.')).toMatchObject({ code: 'EXPRESSION_SYNTAX', position: 6 });
  });

  test('endless recursion ends', async () => {
    const deep = compileExpression('($f := function($x) { 1 + $f($x) }; $f(1))');
    await expect(evaluateInPlace(deep, scopeOf({}), 20_000)).rejects.toMatchObject({ code: 'EXPRESSION_LIMIT' });
    const endless = compileExpression('($f := function($x) { $f($x) }; $f(1))');
    expect(endless.inPlace).toBe(false);
    await expect(evaluateInPlace(endless, scopeOf({}), 50)).rejects.toMatchObject({ code: 'EXPRESSION_TIMEOUT' });
    expect(await failure('[1..9999999]')).toMatchObject({ code: 'EXPRESSION_LIMIT' });
  });

  test('nothing reaches beyond the data', async () => {
    for (const text of ['input.constructor', 'input.__proto__', 'constructor', 'input.toString', '$$.constructor']) {
      expect(await evaluate(text, values)).toBeUndefined();
    }
    expect(await evaluate('{"__proto__": {"polluted": true}}.polluted', values)).toBeUndefined();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('lanes', () => {
  test.each([
    'input.items[price > 4]',
    '$sum(input.items.price)',
    '{ "a": input.b }',
    '$join(input.tags, ", ")',
    'input.*',
    'input.items^(price)',
  ])('%s runs in place', (text) => expect(compileExpression(text).inPlace).toBe(true));
  test.each([
    '$match(input.a, /(a+)+$/)',
    '$map(input.a, function($x) { $x })',
    '[1..1000000]',
    '$pad("x", 1000000000)',
    '$replace(input.a, "a", input.b)',
    '($x := input.a; $x)',
    'input.a.($$.input.a)',
    'input.**.**',
    '$reduce(input.a, $append)',
    'input.a ~> |b|{"c": 1}|',
    '$string($string($string($string($string(input)))))',
    'input.items@$i.($i)',
    '$distinct(input.items)',
  ])('%s needs a process of its own', (text) => expect(compileExpression(text).inPlace).toBe(false));
});

describe('references', () => {
  const read = (text: string): string[] =>
    referencesOf(text).references.map((found) => `${[found.root, found.step, ...found.path].filter((name) => name !== null).join('/')}`);

  test.each<[string, string[]]>([
    ['steps.fetch.output.items', ['steps/fetch/output/items']],
    ['steps.fetch', ['steps/fetch']],
    ['steps', ['steps']],
    ['steps["fetch"]', ['steps']],
    ['steps.*.output', ['steps']],
    ['steps.`a-b`.output & steps."c d".status', ['steps/a-b/output', 'steps/c d/status']],
    ['input.items[price > limit].name', ['input/items']],
    ['input.items[price > $$.input.limit].name', ['input/items', 'input/limit']],
    ['$map(input.items, function($i) { $i.price * steps.rate.output })', ['input/items', 'steps/rate/output']],
    ['steps.(a.output + b.output)', ['steps/a/output', 'steps/b/output']],
    ['$ ~> $keys', ['*']],
    ['$keys()', ['*']],
    ['$$', ['*']],
    ['$lookup(steps, "a")', ['steps']],
    ['input.items.%.name', ['*', 'input/items']],
    ['{ "a": input.a, "b": [steps.b.output] }', ['input/a', 'steps/b/output']],
    ['input.list{ name: $sum(price) }', ['input/list']],
    ['input.list^(>price)[0].name', ['input/list']],
    ['bogus.a + 1', ['bogus/a']],
    ['($x := input.a; $x.b)', ['input/a']],
    ['"steps.fetch" & \'input.x\'', []],
    ['input.a == 1 && steps.b.output || item.c', ['input/a', 'steps/b/output', 'item/c']],
    ['input.text ~> /steps/', ['input/text']],
  ])('%s', (text, expected) => expect(read(text)).toEqual(expected));

  test('say where they stand, in the text that was given', () => {
    const text = '{{ input.a && steps.`odd-id`.output.x || steps.b }}';
    const spans = referencesOf(text).references.map((found) => [
      text.slice(found.start, found.end),
      found.stepSpan && text.slice(found.stepSpan.start, found.stepSpan.end),
    ]);
    expect(spans).toEqual([
      ['input.a', null],
      ['steps.`odd-id`.output.x', '`odd-id`'],
      ['steps.b', 'b'],
    ]);
  });

  test('are renamed without touching anything else', () => {
    const text = '{{ steps.a.output == "steps.a" && steps."a".status && input.steps.a || steps.(a.output) }}';
    expect(renameReferences(text, 'a', 'b')).toBe(
      '{{ steps.b.output == "steps.a" && steps.b.status && input.steps.a || steps.(b.output) }}',
    );
    expect(renameReferences('steps.a.b + steps.ab', 'a', 'x-1')).toBe('steps.`x-1`.b + steps.ab');
    expect(renameReferences('steps.`x-1`.b', 'x-1', 'and')).toBe('steps.`and`.b');
    expect(renameReferences('steps.a.', 'a', 'b')).toBe('steps.a.');
  });
});
