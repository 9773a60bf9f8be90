import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { canonicalText } from './canonical.ts';
import type { Definition } from './definition.ts';
import { MAX_FILE_LENGTH, readDefinitionFile, writeDefinition } from './definition-file.ts';

const FETCH = { id: 'fetch', type: 'http_request', config: { url: 'https://api.example.com/users' } };
const USERS: Definition = { name: 'Users', steps: [FETCH] };

/** Each problem as `line path message`. */
const problemsIn = (text: string) =>
  readDefinitionFile(text).flatMap(({ problems }) => problems.map(({ line, path, message }) => `${line} ${path} ${message}`));
const namesIn = (text: string) => readDefinitionFile(text).map(({ definition }) => definition?.name);

describe('reading', { timeout: 60_000 }, () => {
  test.each([
    ['a JSON definition', JSON.stringify(USERS), ['Users']],
    ['a definition in an answer of the API', JSON.stringify({ id: 'wf_1', definition: USERS }), ['Users']],
    ['a list of definitions', JSON.stringify([USERS, { definition: { ...USERS, name: 'Orders' } }]), ['Users', 'Orders']],
    ['a workflow without steps', '{"name":"Empty","steps":[]}', ['Empty']],
    ['a YAML definition', 'name: Users\nsteps:\n  - id: fetch\n    type: http_request\n', ['Users']],
    ['several YAML documents', 'name: A\nsteps: []\n---\nname: B\nsteps: []\n---\n', ['A', 'B']],
  ])('takes %s', (_what, text, names) => {
    expect(namesIn(text)).toEqual(names);
  });

  test.each([
    ['nothing', ' \n', [expect.stringContaining('This file is empty')]],
    ['plain text', 'Hello Ada', [expect.stringContaining('1  A workflow is an object with a name and a list of steps')]],
    ['broken JSON, at its line', '{\n  "name": "x",\n  "steps": [\n', [expect.stringMatching(/^4 {2}This can’t be read/)]],
    ['broken YAML, at its line', 'name: x\nsteps:\n  - id: [\n', [expect.stringMatching(/^\d {2}This can’t be read/)]],
    ['a typo, at its line', '{\n  "name": "x",\n  "stepz": 1,\n  "steps": []\n}', ["3 /stepz Unknown key 'stepz'"]],
    [
      'a wrong type in YAML, at its line',
      'name: x\nsteps:\n  - id: a\n    type: wait\n    priority: high\n',
      [expect.stringMatching(/^5 \/steps\/0\/priority /)],
    ],
    ['a missing name, at the step', 'name: x\nsteps:\n  - id: a\n', [expect.stringMatching(/^3 \/steps\/0\/type /)]],
    ['a key of the prototype', '{"name":"x","steps":[],\n"__proto__":{"a":1}}', [expect.stringMatching(/^2 \/__proto__ .*not allowed/)]],
  ])('says why not: %s', (_what, text, problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });

  test('gives up on files that are there to do harm, with a sentence', () => {
    expect(problemsIn(`"${'x'.repeat(MAX_FILE_LENGTH)}"`)).toEqual([expect.stringContaining('at most 8 MB are read')]);
    expect(problemsIn('['.repeat(100_000))).toEqual([expect.stringContaining('can’t be read')]);
    const deep = `{"name":"x","steps":[],"input_schema":${'{"a":'.repeat(500)}1${'}'.repeat(500)}}`;
    expect(problemsIn(deep)).toEqual([expect.stringContaining('Nested deeper than 64 levels')]);
    const laughs = Array.from(
      { length: 12 },
      (_, at) => `a${at + 1}: &a${at + 1} [${Array.from({ length: 10 }, () => `*a${at}`).join(',')}]`,
    );
    expect(problemsIn(`a0: &a0 [x]\n${laughs.join('\n')}`)).toEqual([expect.stringContaining('alias')]);
  });
});

describe('writing', { timeout: 60_000 }, () => {
  test('keeps the one order, however the definition was put together', () => {
    const turned = { steps: [{ config: { url: FETCH.config.url, method: 'GET' }, type: FETCH.type, id: 'fetch' }], name: 'Users' };
    const straight = { name: 'Users', steps: [{ id: 'fetch', type: FETCH.type, config: { method: 'GET', url: FETCH.config.url } }] };
    for (const format of ['json', 'yaml'] as const) expect(writeDefinition(turned, format)).toBe(writeDefinition(straight, format));
    expect(writeDefinition(turned, 'yaml')).toBe(
      'name: Users\nsteps:\n  - id: fetch\n    type: http_request\n    config:\n      method: GET\n      url: https://api.example.com/users\n',
    );
  });

  test('quotes what older YAML readers would misread', () => {
    expect(writeDefinition({ ...USERS, description: 'yes' }, 'yaml')).toContain('description: "yes"');
  });

  const text = fc
    .oneof(
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.constantFrom(
        'yes',
        'null',
        '1e3',
        '0x1f',
        '---',
        '- a',
        '# no',
        ' x ',
        'a: b',
        '{{ input.a }}',
        '\n\n a\n',
        'a\r\nb',
        '\u2028',
        '<<',
        '2026-01-01',
        '*a',
        '&a',
      ),
    )
    .filter((one) => !one.includes('\0'));
  const value = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.boolean(),
      fc.constant(null),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(
        text.filter((key) => key !== '__proto__'),
        tie('value'),
        { maxKeys: 3, noNullPrototype: true },
      ),
    ),
  })).value;
  const definition = fc.record({
    name: fc.constant('Round trip'),
    description: text,
    steps: fc.uniqueArray(
      fc.record({
        id: fc.stringMatching(/^[a-z0-9_.:-]{1,8}$/),
        type: fc.constant('transform'),
        config: fc.dictionary(
          text.filter((key) => key !== '__proto__'),
          value,
          { maxKeys: 3, noNullPrototype: true },
        ),
      }),
      { maxLength: 4, selector: ({ id }) => id },
    ),
  });

  test.each(['json', 'yaml'] as const)('what was written as %s is read as the same definition', (format) => {
    fc.assert(
      fc.property(definition, (one) => {
        const [entry, more] = readDefinitionFile(writeDefinition(one, format));
        expect(more).toBeUndefined();
        expect(entry?.problems).toEqual([]);
        expect(canonicalText(entry?.definition as Definition)).toBe(canonicalText(one));
      }),
      { numRuns: 300 },
    );
  });
});
