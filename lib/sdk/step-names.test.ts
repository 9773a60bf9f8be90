import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StepId } from '#lib/workflow/definition.ts';
import { CALL_KINDS } from '#lib/workflow/graph.ts';
import { turnsOfKey } from '#lib/workflow/step-key.ts';
import { defaultNodeId } from './node-id.ts';
import { StepNames } from './step-names.ts';

describe('names of steps', () => {
  test('checklist #85: each use of a name counts, and steps, sleeps and waits count apart', () => {
    const names = new StepNames();
    const asked = [
      ['do', 'charge', 'charge-1'],
      ['do', 'charge', 'charge-2'],
      ['sleep', 'charge', 'sleep:charge-1'],
      ['wait', 'charge', 'wait:charge-1'],
      ['do', 'charge', 'charge-3'],
      ['sleep', 'charge', 'sleep:charge-2'],
      ['do', 'charge-1', 'charge-1-1'],
      ['do', 'sleep:charge', 'do:sleep:charge-1'],
      ['do', 'items[3]', 'items(3)-1'],
      ['do', '  a b ', 'a b-1'],
    ] as const;
    for (const [kind, name, step] of asked) {
      expect(names.peek(kind, name)).toBe(step);
      expect(names.next(kind, name).step).toBe(step);
    }
    expect(names.next('wait', 'charge')).toEqual({ step: 'wait:charge-2', name: 'charge', count: 2 });
  });

  test('an empty name, one of blanks and one of more than 200 characters are refused, and count nothing', () => {
    const names = new StepNames();
    for (const name of ['', '   ', 'x'.repeat(201), '\u0000']) expect(() => names.next('do', name)).toThrow(RangeError);
    expect(() => names.next('do', 7 as unknown as string)).toThrow(TypeError);
    expect(names.next('do', 'x'.repeat(200)).count).toBe(1);
  });

  test('whatever is asked for in whatever order: ids are unique, the same in a replay, and none reads as a place in a loop', () => {
    const name = fc.oneof(
      fc.constantFrom('a', 'a-1', 'sleep:a', 'do:a', 'do:sleep:a', 'wait:a', 'a[1].b', 'a(1).b-1'),
      fc.string({ minLength: 1 }),
    );
    const asked = fc.array(fc.tuple(fc.constantFrom(...CALL_KINDS), name), { maxLength: 40 });
    fc.assert(
      fc.property(asked, (calls) => {
        const idsOf = (names: StepNames): string[] =>
          calls.flatMap(([kind, one]) => {
            try {
              return names.next(kind, one).step;
            } catch {
              return [];
            }
          });
        const ids = idsOf(new StepNames());
        // Two names may read alike once their brackets are round; then they are one name and count together.
        expect(new Set(ids).size).toBe(ids.length);
        expect(idsOf(new StepNames())).toEqual(ids);
        for (const id of ids) expect(turnsOfKey(id)).toEqual([]);
      }),
    );
  });
});

describe('ids of nodes', () => {
  test.each([
    ['order', 0, 'order:0'],
    ['Fetch & notify', 3, 'fetch-notify:3'],
    ['  Größe: Ångström — v2 ', 12, 'gro-e-angstrom-v2:12'],
    ['注文', 1, 'workflow:1'],
    ['--', 0, 'workflow:0'],
  ])('checklist #13: node %j at %i is %j where its author says nothing', (name, index, id) => {
    expect(defaultNodeId(name, index)).toBe(id);
  });

  test('checklist #13: the default id of any name is an id that a definition may have, and ends with its index', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.string({ maxLength: 300 })),
        fc.nat(100_000),
        (name, index) => {
          const id = defaultNodeId(name, index);
          expect(StepId.safeParse(id).success).toBe(true);
          expect(id.endsWith(`:${index}`)).toBe(true);
          expect(id).toMatch(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?:\d+$/);
        },
      ),
    );
  });
});
