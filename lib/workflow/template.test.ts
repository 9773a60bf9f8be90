import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Json, JsonObject } from '#lib/base/json.ts';
import type { ExpressionScope, ScopeValues } from './expression-scope.ts';
import { type StepDefinition, stepConfig } from './step-type.ts';
import { compileConfig, compileTemplate, renameInTemplate, splitTemplate, templateOptionsOf } from './template.ts';

const values: ScopeValues = {
  input: { name: 'Ada', count: 2, list: [1, 2], empty: null, user: { id: 7 }, braces: '{{ input.name }}', items: [{ n: 1 }, { n: 2 }] },
  steps: { fetch: { output: { ok: true } } },
};
const scope: ExpressionScope = { values, now: 0, seed: 'seed' };

describe('splitting', () => {
  test.each<[string, (string | null)[]]>([
    ['plain', ['plain']],
    ['', []],
    ['a {{ b }} c', ['a ', '{b}', ' c']],
    ['{{ {"a": {"b": 1}}}}', ['{{"a": {"b": 1}}}']],
    ['{{ "}}" }}x', ['{"}}"}', 'x']],
    ["{{ '}}' & `}}` }}x", ["{'}}' & `}}`}", 'x']],
    ['{{ /* }} */ 1 }}x', ['{/* }} */ 1}', 'x']],
    ['{{ "\\"}}" }}x', ['{"\\"}}"}', 'x']],
    ['{{ $match(a, /\\}\\}/) }}x', ['{$match(a, /\\}\\}/)}', 'x']],
    ['{{ a / b }}{{ c / d }}', ['{a / b}', '{c / d}']],
    ['{{ (a) / b }} / c', ['{(a) / b}', ' / c']],
    ['{{a}}}', ['{a}', '}']],
    ['{a} }} {', ['{a} }} {']],
    ['x {{ open', ['x {{ open', null]],
    ['{{ a }} {{ "open }}', ['{a}', ' {{ "open }}', null]],
  ])('%s', (text, expected) => {
    const { parts, unclosed } = splitTemplate(text);
    const shown = parts.map((part) => (part.kind === 'text' ? part.text : `{${part.source.trim()}}`));
    expect([...shown, ...(unclosed === null ? [] : [null])]).toEqual(expected);
  });

  test('the parts are the text, whatever it is', { timeout: 60_000 }, () => {
    const piece = fc.constantFrom('{{', '}}', '{', '}', '"', "'", '`', '/', '/*', '*/', '\\', 'a', ' ', '(', ')', '[');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join('');
        const { parts } = splitTemplate(text);
        expect(parts.map((part) => text.slice(part.start, part.end)).join('')).toBe(text);
        for (const part of parts) {
          if (part.kind === 'expression') expect(text.slice(part.start, part.end)).toBe(`{{${part.source}}}`);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('resolving', () => {
  test.each<[Json, Json | undefined]>([
    ['{{ input.count }}', 2],
    ['{{ input.user }}', { id: 7 }],
    ['{{ input.empty }}', null],
    ['{{ input.missing }}', undefined],
    ['Hello {{ input.name }}!', 'Hello Ada!'],
    ['{{ input.name }}{{ input.count }}', 'Ada2'],
    ['{{input.user}} {{ input.list }} {{ input.empty }} {{ input.missing }}.', '{"id":7} [1,2] null .'],
    ['{{ input.braces }}', '{{ input.name }}'],
    ['<{{ input.braces }}>', '<{{ input.name }}>'],
    ['{{ "{{" }} literal', '{{ literal'],
    [
      { a: '{{ input.count }}', b: '{{ input.missing }}', c: [1, '{{ input.name }}', '{{ input.missing }}'] },
      { a: 2, c: [1, 'Ada'] },
    ],
    [{ '{{ input.name }}': 1 }, { '{{ input.name }}': 1 }],
    [
      { n: 1, t: true, z: null, deep: { x: ['{{ $sum(input.list) }}'] } },
      { n: 1, t: true, z: null, deep: { x: [3] } },
    ],
  ])('%j', async (template, expected) => {
    expect(await compileTemplate(template).resolve(scope)).toEqual(expected);
  });

  test('is synchronous where every expression is plain, and gives static values as they are', () => {
    const fixed: JsonObject = { a: [1, { b: 'c' }] };
    expect(compileTemplate(fixed).hasExpressions).toBe(false);
    expect(compileTemplate(fixed).resolve(scope)).toBe(fixed);
    expect(compileTemplate({ url: 'x/{{ input.name }}', n: '{{ input.count + 1 }}' }).resolve(scope)).toEqual({ url: 'x/Ada', n: 3 });
    expect(compileTemplate('{{ $sum(input.list) }}').resolve(scope)).toBeInstanceOf(Promise);
  });

  test('expression keys go with or without braces, raw keys are left alone, list keys keep lists', async () => {
    const options = { expressionKeys: ['when', 'cases.*.when'], rawKeys: ['code'], listKeys: ['items', 'none', 'all'] };
    const config = {
      when: 'input.count == 2',
      cases: [{ name: 'input.name', when: '{{ input.count > 5 }}' }],
      code: 'echo {{ input.name }}',
      items: '{{ input.items[n = 1] }}',
      none: '{{ input.items[n = 9] }}',
      all: '{{ input.list }}',
    };
    expect(await compileTemplate(config, options).resolve(scope)).toEqual({
      when: true,
      cases: [{ name: 'input.name', when: false }],
      code: 'echo {{ input.name }}',
      items: [{ n: 1 }],
      none: [],
      all: [1, 2],
    });
  });

  test('the list keys of a type are those whose schema is a list', () => {
    const config = stepConfig((value) =>
      z.strictObject({ items: value(z.array(z.json())), hosts: value(z.array(z.string()).max(3)).optional(), name: value(z.string()) }),
    );
    const type = { type: 't', config, expressionKeys: ['name'], rawKeys: [] } as unknown as StepDefinition;
    expect(templateOptionsOf(type)).toEqual({ lateKeys: [], expressionKeys: ['name'], rawKeys: [], listKeys: ['items', 'hosts'] });
    expect(compileConfig({ items: '{{ input.count }}' }, type).resolve(scope)).toEqual({ items: [2] });
  });

  test('errors say where: the pointer of the string and the offset in it', async () => {
    const template = compileTemplate({ list: ['ok', 'Total: {{ 1 + input.name }}'] });
    await expect(template.resolve(scope)).rejects.toMatchObject({ code: 'EXPRESSION_ERROR', path: '/list/1', position: 13 });
    const broken = compileTemplate({ 'a/b': 'x {{ input. }}', c: '{{ open' });
    expect(broken.problems).toMatchObject([
      { pointer: '/a~1b', position: 12, code: 'EXPRESSION_SYNTAX' },
      { pointer: '/c', position: 0, message: 'This {{ has no }} that ends it' },
    ]);
    expect(() => broken.resolve(scope)).toThrowError(expect.objectContaining({ code: 'EXPRESSION_SYNTAX', path: '/a~1b', position: 12 }));
    expect(() => compileTemplate('a {{ open').resolve(scope)).toThrowError(expect.objectContaining({ path: '', position: 2 }));
  });

  test('two dice in one config differ, and fall the same on a replay', async () => {
    const template = compileTemplate({ a: '{{ $random() }}', b: '{{ $random() }}' });
    const first = (await template.resolve(scope)) as { a: number; b: number };
    expect(first.a).not.toBe(first.b);
    expect(await template.resolve(scope)).toEqual(first);
  });

  test('nesting has an end', () => {
    let deep: Json = '{{ input.name }}';
    for (let level = 0; level < 1000; level += 1) deep = [deep];
    expect(compileTemplate(deep).problems).toHaveLength(1);
  });
});

describe('references', () => {
  test('carry the pointer of their string and the span in it', () => {
    const template = compileTemplate({ url: 'https://x/{{ steps.fetch.output.ok }}/{{ input.name }}', q: ['{{ steps.b.output }}'] });
    expect(template.steps).toEqual(['fetch', 'b']);
    expect(template.references.map((found) => [found.pointer, found.start, found.end, found.step])).toEqual([
      ['/url', 13, 34, 'fetch'],
      ['/url', 41, 51, null],
      ['/q/0', 3, 17, 'b'],
    ]);
    expect(compileTemplate('{{ $keys(steps) }}').steps).toBeNull();
    expect(compileTemplate('{{ $$ }}').steps).toBeNull();
  });

  test('are renamed in every string, and only there', () => {
    const config = {
      url: 'a/steps.fetch/{{ steps.fetch.output }}/{{ input.x }}',
      when: 'steps.fetch.status',
      code: '{{ steps.fetch.output }}',
      list: [{ deep: '{{ steps.other.output }}' }],
    };
    const options = { expressionKeys: ['when'], rawKeys: ['code'] };
    const renamed = renameInTemplate(config, 'fetch', 'load-1', options);
    expect(renamed).toEqual({ ...config, url: 'a/steps.fetch/{{ steps.`load-1`.output }}/{{ input.x }}', when: 'steps.`load-1`.status' });
    expect(renamed.list).toBe(config.list);
    expect(renameInTemplate(config, 'nope', 'x', options)).toBe(config);
  });
});
