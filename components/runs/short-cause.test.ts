import { expect, test } from 'vitest';
import { shortCause } from './short-cause.ts';

const url = 'http://127.0.0.1:3000/users';

test.each([
  ['what follows the address', `GET ${url} answered 401 Unauthorized`, { url }, '401 Unauthorized'],
  ['a reason behind the address', `Could not call ${url}: connect ECONNREFUSED`, { url }, 'connect ECONNREFUSED'],
  ['words of its own after the address', `${url} did not answer in time`, { url }, 'did not answer in time'],
  ['what follows a colon', 'The script ended with exit code 1: no such file: x', { exit_code: 1 }, 'no such file: x'],
  ['a sentence that ends in a value', 'Unable to cast value to a number: ""', undefined, 'Unable to cast value to a number: ""'],
  ['a sentence without either', 'The script was stopped', undefined, 'The script was stopped'],
  ['the first line only', 'broke\nat line 3', undefined, 'broke'],
  ['all of it where nothing is left', `${url}`, { url }, url],
  ['nothing', '', undefined, ''],
])('%s', (_, message, data, expected) => {
  expect(shortCause({ code: 'X', message, ...(data ? { data } : {}) })).toBe(expected);
});
