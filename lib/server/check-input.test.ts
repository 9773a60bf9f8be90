import { describe, expect, it } from 'vitest';
import { inputProblems } from './check-input.ts';

const schema = {
  type: 'object',
  required: ['customer'],
  additionalProperties: false,
  properties: { customer: { type: 'string', minLength: 2 }, 'a/b c': { type: 'integer' } },
};

describe('inputProblems', () => {
  it('finds nothing in an input that fits', () => {
    expect(inputProblems(schema, { customer: 'acme' })).toEqual([]);
  });

  it('gives each fault its path in the input', () => {
    const problems = inputProblems(schema, { 'a/b c': 1.5, extra: true });
    expect(problems.map(({ path, code }) => [path, code])).toEqual(
      expect.arrayContaining([
        ['/customer', 'input_required'],
        ['/a~1b c', 'input_type'],
        ['/extra', 'input_not_allowed'],
      ]),
    );
  });

  it('leaves the schema as it is', () => {
    const before = JSON.stringify(schema);
    inputProblems(schema, {});
    expect(JSON.stringify(schema)).toBe(before);
  });

  it('says that a schema cannot be applied instead of failing', () => {
    expect(inputProblems({ $ref: '#' }, 1)[0]?.code).toBe('bad_input_schema');
    expect(inputProblems({ $ref: 'https://example.com/none' }, 1)[0]?.code).toBe('bad_input_schema');
    expect(inputProblems({ pattern: '(' }, 'x')[0]?.code).toBe('bad_input_schema');
  });
});
