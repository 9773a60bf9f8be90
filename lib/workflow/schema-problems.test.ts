import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { closestWord } from './closest-word.ts';
import { schemaProblems } from './schema-problems.ts';
import { stepConfig } from './step-type.ts';

function textsOf(schema: z.ZodType, value: unknown): string[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : schemaProblems(parsed.error, value, '/config').map((one) => `${one.path} ${one.code}: ${one.message}`);
}

describe('words for every kind of fault', () => {
  test.each<[string, z.ZodType, unknown, string[]]>([
    ['a missing choice', z.object({ a: z.enum(['x', 'y']) }), {}, [`/config/a required: 'a' is required`]],
    ['one allowed value', z.literal('x'), 'y', [`/config invalid_value: Must be 'x'`]],
    ['too short', z.string().min(3), 'ab', ['/config too_small: Must have at least 3 characters']],
    ['too few', z.array(z.json()).min(1), [], ['/config too_small: Must have at least 1 item']],
    ['too many', z.array(z.json()).max(1), [1, 2], ['/config too_big: Must have at most 1 item']],
    ['too small', z.number().min(1), 0, ['/config too_small: Must be at least 1']],
    ['not above', z.number().positive(), 0, ['/config too_small: Must be more than 0']],
    ['too large', z.number().lt(5), 5, ['/config too_big: Must be less than 5']],
    ['not whole', z.int(), 1.5, ['/config invalid_type: Must be a whole number, not a number']],
    ['no multiple', z.number().multipleOf(5), 3, ['/config not_multiple_of: Must be a multiple of 5']],
    ['a format', z.email(), 'x', ['/config invalid_format: Must be a valid email']],
    ['words of its own', z.string().regex(/^a/, 'Starts with a'), 'b', ['/config invalid_format: Starts with a']],
    ['a rule of its own', z.string().refine(() => false, 'Nope'), 'b', ['/config invalid_value: Nope']],
    ['a key', z.record(z.string().max(1), z.json()), { ab: 1 }, ['/config/ab invalid_key: This key must have at most 1 character']],
    [
      'three kinds',
      z.union([z.number(), z.string(), z.boolean()]),
      null,
      ['/config invalid_type: Must be a number, text or true or false, not null'],
    ],
    [
      'the option that was meant',
      z.union([z.string(), z.object({ a: z.string(), b: z.string() })]),
      { a: 1 },
      ['/config/a invalid_type: Must be text, not a number', `/config/b required: 'b' is required`],
    ],
    ['keys with slashes', z.record(z.string(), z.string()), { 'a/b~c': 1 }, ['/config/a~1b~0c invalid_type: Must be text, not a number']],
  ])('%s', (_, schema, value, expected) => {
    expect(textsOf(schema, value)).toEqual(expected);
  });

  test('a field that may hold an expression', () => {
    const { drawn } = stepConfig((value) => z.strictObject({ count: value(z.number().min(1)).optional() }));
    expect(textsOf(drawn, { count: '{{ input.n }}' })).toEqual([]);
    expect(textsOf(drawn, { count: 0 })).toEqual(['/config/count too_small: Must be at least 1']);
    expect(textsOf(drawn, { count: 'many' })).toEqual(['/config/count invalid_type: Must be a number or an expression in {{ }}, not text']);
  });
});

test.each([
  ['dependson', 'depends_on'],
  ['TYPE', 'type'],
  ['tpye', 'type'],
  ['xyz', null],
  ['a', null],
  ['', null],
])('closest to %s', (word, meant) => {
  expect(closestWord(word, ['depends_on', 'type', 'id'])).toBe(meant);
});
