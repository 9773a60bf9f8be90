import { describe, expect, it } from 'vitest';
import { inputProblems, inputProblemsOfEach } from './check-input.ts';

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

  it('checklist #41: gives each fault its path in the input', () => {
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

  it('gives up on a schema that would take for ever', () => {
    const began = Date.now();
    const problems = inputProblems({ pattern: '^(a+)+$' }, `${'a'.repeat(60)}!`);
    expect(problems[0]).toMatchObject({ code: 'bad_input_schema', message: expect.stringContaining('took longer than') });
    const levels = Array.from({ length: 40 }, (_unused, at) => [`l${at}`, { allOf: Array(2).fill({ $ref: `#/$defs/l${at + 1}` }) }]);
    const doubling = { $defs: { ...Object.fromEntries(levels), l40: true }, $ref: '#/$defs/l0' };
    expect(inputProblems(doubling, 1)[0]?.code).toBe('bad_input_schema');
    expect(Date.now() - began).toBeLessThan(5_000);
  });
});

describe('inputProblemsOfEach', () => {
  it('finds for each input what it would find of it alone', () => {
    const inputs = Array.from({ length: 120 }, (_unused, at) => (at % 50 === 7 ? {} : { customer: at % 50 === 9 ? 'a' : 'acme' }));
    const found = inputProblemsOfEach(schema, inputs);
    expect(found).toEqual(inputs.map((input) => inputProblems(schema, input)));
    expect(found.flatMap((problems, at) => (problems.length > 0 ? [at] : []))).toEqual([7, 9, 57, 59, 107, 109]);
  });

  it('stops at the input to which the schema cannot be applied, whatever follows', () => {
    const began = Date.now();
    const inputs = Array.from({ length: 1000 }, (_unused, at) => (at < 3 ? 'aaa' : `${'a'.repeat(60)}!`));
    const found = inputProblemsOfEach({ pattern: '^(a+)+$' }, inputs);
    expect(found.map((problems) => problems[0]?.code)).toEqual([undefined, undefined, undefined, 'bad_input_schema']);
    expect(Date.now() - began).toBeLessThan(2_000);
  });
});
