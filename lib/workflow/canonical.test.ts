import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { canonicalDefinition, canonicalText, definitionsEqual, isLayoutOnlyChange } from './canonical.ts';
import type { Definition } from './definition.ts';
import { readDefinition, readDraft } from './read-definition.ts';

const base: Definition = { steps: [{ type: 'transform', id: 'a', config: { b: 1, a: { d: null, c: [1] } } }], name: 'Test' };

/** The same value with the keys of every object in another order. */
function shuffled(value: Json, turn: number): Json {
  if (Array.isArray(value)) return value.map((item: Json) => shuffled(item, turn));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, shuffled(member, turn)] as const);
  const at = members.length === 0 ? 0 : turn % members.length;
  return Object.fromEntries([...members.slice(at), ...members.slice(0, at)].reverse());
}

describe('canonical form', () => {
  test('reads in the order of the schema, then by key', () => {
    expect(canonicalText(base)).toBe('{"name":"Test","steps":[{"id":"a","type":"transform","config":{"a":{"c":[1],"d":null},"b":1}}]}');
  });
  test('the fields of a form stay as they are written, outside of loops and inside, and another order is another definition', () => {
    const keys = ['reason', 'n', 'k', 'yes'];
    const formOf = (names: readonly string[]): Json => ({
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, { type: 'string', title: name }])),
    });
    const asking = (names: readonly string[]): Definition => {
      const ask = { id: 'ask', type: 'approval', config: { message: 'Go on?', form: formOf(names) } };
      const each = { id: 'each', type: 'for_each', config: { items: [1], steps: [ask] } };
      return { ...base, steps: [ask, each], input_schema: formOf(names) as Definition['input_schema'] };
    };
    const orders = [...canonicalText(asking(keys)).matchAll(/"properties":(\{.*?\}\})/g)].map(([, text]) =>
      Object.keys(JSON.parse(text ?? '')),
    );
    expect(orders).toEqual([keys, keys, keys]);
    expect(definitionsEqual(asking(keys), asking(keys))).toBe(true);
    expect(definitionsEqual(asking(keys), asking(keys.toReversed()))).toBe(false);
    expect(isLayoutOnlyChange(asking(keys), asking(keys.toReversed()))).toBe(false);
  });
  test('equal definitions are byte-equal, different ones are not', () => {
    const config = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>, { noNullPrototype: true });
    fc.assert(
      fc.property(config, config, fc.nat(7), (one, other, turn) => {
        const first: Definition = { ...base, steps: [{ id: 'a', type: 'x', config: one }], input_schema: other };
        const same = shuffled(first as unknown as Json, turn) as unknown as Definition;
        expect(canonicalText(same)).toBe(canonicalText(first));
        const second: Definition = { ...first, steps: [{ id: 'a', type: 'x', config: other }], input_schema: one };
        expect(canonicalText(second) === canonicalText(first)).toBe(definitionsEqual(first, second));
        expect(canonicalDefinition(first)).toEqual(JSON.parse(JSON.stringify(first)));
      }),
    );
  });
});

describe('layout', () => {
  test.each<[string, Definition, boolean]>([
    ['nothing', structuredClone(base), false],
    ['a position', { ...base, steps: [{ id: 'a', type: 'transform', config: base.steps[0]?.config, position: { x: 1, y: 1 } }] }, true],
    ['a note', { ...base, notes: [] }, true],
    ['a name', { ...base, name: 'Other' }, false],
    ['a position and a name', { ...base, name: 'Other', notes: [] }, false],
  ])('%s', (_, after, expected) => {
    expect(isLayoutOnlyChange(base, after)).toBe(expected);
  });
});

describe('readDefinition', () => {
  test('gives back what was stored', () => {
    expect(readDefinition(JSON.parse(canonicalText(base)))).toEqual(base);
  });
  test('throws with the first fault and its place', () => {
    expect(() => readDefinition({ ...base, steps: [{ id: 'a', type: 'x', nope: 1 }] })).toThrow(
      /^This is no definition: .*nope.* at \/steps\/0$/,
    );
    expect(() => readDefinition({ ...base, steps: [] })).toThrow('A workflow needs at least one step');
  });
  test('a draft may be empty', () => {
    expect(readDraft({ name: 'Test', steps: [] })).toEqual({ name: 'Test', steps: [] });
  });
});
