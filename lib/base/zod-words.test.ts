import { expect, test } from 'vitest';
import { z } from 'zod';
import { zodProblems } from './zod-problems.ts';

const schema = z.strictObject({
  name: z.string().min(2),
  count: z.int().max(5),
  kind: z.enum(['a', 'b']),
  own: z.string('Say who you are'),
});
function messagesOf(value: unknown): string[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : zodProblems(parsed.error.issues).map(({ path, message }) => `${path}: ${message}`);
}

test('what a check finds is said in words for people; a sentence of ours is kept', () => {
  expect(messagesOf({ name: 1, count: 9, kind: 'c', own: 1 })).toEqual([
    '/name: Must be text, not a number',
    '/count: Must be at most 5',
    "/kind: Must be one of 'a', 'b'",
    '/own: Say who you are',
  ]);
  expect(messagesOf({ name: 'x', count: null, kind: 'a', own: 'me' })).toEqual([
    '/name: Must have at least 2 characters',
    '/count: Must be a number, not null',
  ]);
  expect(messagesOf({ count: 1, kind: 'a', own: 'me' })).toEqual(["/name: 'name' is required"]);
});
