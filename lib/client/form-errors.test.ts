import { expect, test } from 'vitest';
import { checkForm, refusedForm } from '#lib/client/form-errors.ts';
import { ApiError } from '#lib/client/request.ts';
import { setUp } from '#lib/contracts/account.ts';

test('the contract finds the faults of a form before it is sent', () => {
  const errors = checkForm(setUp.body, { name: ' ', email: 'nobody', password: 'short', workspace: 'Default' });
  expect(errors).toEqual({ name: 'Tell us your name', email: 'Must be an e-mail address', password: 'At least 8 characters' });
  expect(checkForm(setUp.body, { name: 'Ada', email: 'ada@example.com', password: 'long enough' })).toEqual({});
});

test('a refusal goes to the fields that caused it', () => {
  const problem = (path: string) => ({ path, code: 'X', message: path });
  const thrown = new ApiError('validation_error', 'Two faults', 422, [problem('/parameters/url'), problem('/body/name'), problem('/a~1b')]);
  expect(refusedForm(thrown)).toEqual({ 'parameters.url': '/parameters/url', name: '/body/name', 'a/b': '/a~1b' });
});

test('a refusal without places concerns the whole form', () => {
  expect(refusedForm(new ApiError('conflict', 'Done already', 409))).toEqual({ '': 'Done already' });
});
