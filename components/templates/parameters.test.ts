import { expect, test } from 'vitest';
import { readParameters, writeParameters } from './parameters.ts';

const schema = {
  type: 'object',
  required: ['url', 'count'],
  properties: {
    url: { type: 'string', title: 'Address', default: 'https://example.com' },
    count: { type: 'integer', default: 3 },
    mode: { enum: [1, 2], default: 2 },
    loud: { type: 'boolean', default: true },
    extra: { type: 'object' },
  },
};

test('each parameter gets the control that fits it', () => {
  const parameters = readParameters(schema);
  expect(parameters.map(({ kind, initial }) => [kind, initial])).toEqual([
    ['text', 'https://example.com'],
    ['number', '3'],
    ['choice', '2'],
    ['toggle', true],
    ['json', ''],
  ]);
});

test('untouched fields write their defaults, with their types; empty optional ones are left out', () => {
  expect(writeParameters(readParameters(schema), {})).toEqual({
    errors: {},
    written: { url: 'https://example.com', count: 3, mode: 2, loud: true },
  });
});

test('faults stand beside their fields', () => {
  const { errors } = writeParameters(readParameters(schema), { url: ' ', count: 'many', extra: '{' });
  expect(errors).toEqual({
    'parameters.url': 'Address is required',
    'parameters.count': 'Must be a number',
    'parameters.extra': 'Must be JSON',
  });
});
