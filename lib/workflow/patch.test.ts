import fc from 'fast-check';
import jsonpatch from 'fast-json-patch';
import * as rfc6902 from 'rfc6902';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { applyPatch, createPatch, type PatchOperation } from './patch.ts';

/** Parsed afresh, so that a library that changes its input harms nobody; parsing keeps `__proto__` an own key. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function withFastJsonPatch(before: Json, patch: readonly PatchOperation[]): unknown {
  return jsonpatch.applyPatch(copy(before), copy(patch) as never, true, true, false).newDocument;
}

function withRfc6902(before: Json, patch: readonly PatchOperation[]): unknown {
  const holder = { value: copy(before) };
  const moved = copy(patch).map((operation) => ({
    ...operation,
    path: `/value${operation.path}`,
    ...('from' in operation ? { from: `/value${operation.from}` } : {}),
  }));
  for (const fault of rfc6902.applyPatch(holder, moved as never)) if (fault) throw fault;
  return holder.value;
}

const oddKey = fc.constantFrom('', '/', '~', '~1', 'a/b', 'm~n', '0', '-', 'a', 'b', 'id', 'url', 'toString', 'é');
const leaf = fc.oneof(fc.constant(null), fc.boolean(), fc.integer({ min: 0, max: 3 }), fc.constantFrom('', 'x', 'y'));
const { value: json } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(oddKey, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));
const withIds = fc
  .uniqueArray(fc.record({ id: fc.constantFrom(...'abcdefgh'), config: json }), { selector: (item) => item.id, maxLength: 8 })
  .map((steps): Json => ({ steps }));

function holds(before: Json, after: Json): void {
  const patch = createPatch(before, after);
  const applied = applyPatch(before, patch);
  expect(applied).toEqual({ ok: true, value: after });
  expect(withFastJsonPatch(before, patch)).toEqual(after);
  expect(withRfc6902(before, patch)).toEqual(after);
  expect(createPatch(after, copy(after))).toEqual([]);
}

describe('checklist #150: a patch applies with every library', { timeout: 60_000 }, () => {
  test('any two values', () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        holds({ value: before }, { value: after });
        holds({ value: after }, { value: before });
      }),
      { numRuns: 1000 },
    );
  });

  test('lists with ids, in any order', () => {
    fc.assert(
      fc.property(withIds, withIds, (before, after) => {
        holds(before, after);
        holds(after, before);
      }),
      { numRuns: 1000 },
    );
  });

  test.each<[string, Json, Json]>([
    ['null against absent', { a: null }, {}],
    ['absent against null', {}, { a: null }],
    ['slash and tilde', { 'a/b': 1, 'm~n': 2 }, { 'a/b': 2, 'm~n': { '~1': 3 } }],
    ['the empty key', { '': { '': 1 } }, { '': { '': 2 } }],
    ['a list into an object', { a: [1] }, { a: { 0: 1 } }],
    ['keys that look like indices', { a: { 0: 'x' } }, { a: { 0: 'y', '-': 1 } }],
  ])('%s', (_, before, after) => {
    holds(before, after);
    holds(after, before);
  });

  test('a `__proto__` key is data', () => {
    const before = JSON.parse('{"a":{"__proto__":{"x":1}}}') as Json;
    const after = JSON.parse('{"a":{"__proto__":{"x":2}},"__proto__":null}') as Json;
    const patch = createPatch(before, after);
    expect(patch).toEqual([
      { op: 'replace', path: '/a/__proto__/x', value: 2 },
      { op: 'add', path: '/__proto__', value: null },
    ]);
    const applied = applyPatch(before, patch);
    expect(applied.ok && JSON.stringify(applied.value)).toBe(JSON.stringify(after));
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe('checklist #151: a patch is small', () => {
  const fetch = { id: 'fetch', type: 'http_request', config: { method: 'GET', url: 'https://a.example' } };
  const notify = { id: 'notify', type: 'webhook', depends_on: ['fetch'], config: { url: 'https://b.example' } };
  const last = { id: 'last', type: 'transform', depends_on: ['notify'] };

  test.each<[string, Json, Json, PatchOperation[]]>([
    [
      'one changed URL',
      { steps: [fetch, notify] },
      { steps: [{ ...fetch, config: { ...fetch.config, url: 'https://c.example' } }, notify] },
      [{ op: 'replace', path: '/steps/0/config/url', value: 'https://c.example' }],
    ],
    ['a new last step', { steps: [fetch, notify] }, { steps: [fetch, notify, last] }, [{ op: 'add', path: '/steps/2', value: last }]],
    ['a removed first step', { steps: [fetch, notify, last] }, { steps: [notify, last] }, [{ op: 'remove', path: '/steps/0' }]],
    [
      'the first step moved to the end',
      { steps: [fetch, notify, last] },
      { steps: [notify, last, fetch] },
      [{ op: 'move', from: '/steps/0', path: '/steps/2' }],
    ],
    ['a renamed step', { steps: [fetch] }, { steps: [{ ...fetch, id: 'get' }] }, [{ op: 'replace', path: '/steps/0/id', value: 'get' }]],
    ['an item put into a plain list', { a: ['x', 'y', 'z'] }, { a: ['x', 'w', 'y', 'z'] }, [{ op: 'add', path: '/a/1', value: 'w' }]],
    [
      'a change inside an item of a plain list',
      { a: [{ k: 1 }, { k: 2, l: [1] }, { k: 3 }] },
      { a: [{ k: 1 }, { k: 9, l: [1] }, { k: 3 }] },
      [{ op: 'replace', path: '/a/1/k', value: 9 }],
    ],
  ])('%s', (_, before, after, patch) => {
    expect(createPatch(before, after)).toEqual(patch);
  });

  test('10,000 steps of which one is new in front, in time', () => {
    const steps = Array.from({ length: 10_000 }, (_, index) => ({ id: `s${index}`, type: 'transform' }));
    const started = performance.now();
    expect(createPatch({ steps }, { steps: [fetch, ...steps] })).toEqual([{ op: 'add', path: '/steps/0', value: fetch }]);
    expect(createPatch({ steps }, { steps: steps.toReversed() }).length).toBe(9999);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('a patch that does not fit is refused whole', () => {
  test.each<[string, PatchOperation[]]>([
    ['a missing member', [{ op: 'remove', path: '/nope' }]],
    ['a place behind the end', [{ op: 'add', path: '/list/3', value: 1 }]],
    ['a leading zero', [{ op: 'replace', path: '/list/00', value: 1 }]],
    ['a failed test', [{ op: 'test', path: '/list/0', value: 2 }]],
    ['a pointer without its slash', [{ op: 'add', path: 'list', value: 1 }]],
    ['a bad escape', [{ op: 'add', path: '/~2', value: 1 }]],
    ['a move into itself', [{ op: 'move', from: '/list', path: '/list/0' }]],
    ['a member of a number', [{ op: 'add', path: '/list/0/x', value: 1 }]],
    ['an inherited member', [{ op: 'replace', path: '/toString', value: 1 }]],
    ['removing everything', [{ op: 'remove', path: '' }]],
  ])('%s', (_, patch) => {
    const before = { list: [1] };
    expect(applyPatch(before, [{ op: 'replace', path: '/list/0', value: 1 }, ...patch])).toMatchObject({
      ok: false,
      problems: [{ code: 'patch_mismatch' }],
    });
    expect(before).toEqual({ list: [1] });
  });

  test('every kind of operation', () => {
    const applied = applyPatch({ a: [1, 2], b: { c: 3 } }, [
      { op: 'test', path: '/b/c', value: 3 },
      { op: 'add', path: '/a/-', value: 4 },
      { op: 'copy', from: '/b/c', path: '/a/0' },
      { op: 'move', from: '/b', path: '/d' },
      { op: 'replace', path: '/a/1', value: null },
      { op: 'remove', path: '/a/2' },
    ]);
    expect(applied).toEqual({ ok: true, value: { a: [3, null, 4], d: { c: 3 } } });
    expect(applyPatch({ a: 1 }, [{ op: 'replace', path: '', value: [] }])).toEqual({ ok: true, value: [] });
  });
});
