import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isJsonObject, type Json, jsonEqual, toPointer } from '#lib/base/json.ts';

/** The same value with the keys of every object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, shuffled(member)]),
  );
}

describe('canonicalJson', () => {
  it('gives equal bytes to equal values, whatever the order of their keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(shuffled(value) as Json)).toBe(canonicalJson(value as Json));
      }),
    );
  });

  it('keeps the value, odd keys included', () => {
    const odd = JSON.parse('{"":1,"a/b":2,"~":3,"__proto__":{"x":1},"constructor":null}') as Json;
    expect(JSON.parse(canonicalJson(odd))).toEqual(odd);
  });
});

describe('jsonEqual', () => {
  it.each<[unknown, unknown, boolean]>([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: undefined }, {}, true],
    [{ a: null }, {}, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [{ constructor: 1 }, {}, false],
    ['1', 1, false],
  ])('%j and %j: %s', (a, b, equal) => {
    expect(jsonEqual(a, b)).toBe(equal);
    expect(jsonEqual(b, a)).toBe(equal);
  });

  it('agrees with the canonical text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }), (a, b) => {
        expect(jsonEqual(a, b)).toBe(canonicalJson(a as Json) === canonicalJson(b as Json));
      }),
    );
  });
});

it('escapes JSON Pointers as RFC 6901 says', () => {
  expect(toPointer(['a/b', '~', '', 0])).toBe('/a~1b/~0//0');
  expect(toPointer([])).toBe('');
});
