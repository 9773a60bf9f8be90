import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { testCatalog } from './test-catalog.ts';
import { errorsOf, fetch, messages, step, workflow } from './test-definitions.ts';
import { validateDefinition } from './validate.ts';

describe('checklist #9: exact texts', () => {
  test('unknown dependency', () => {
    expect(messages(workflow([step('notify', ['fetch'])]))).toEqual([`Step 'notify' depends on 'fetch' which doesn't exist`]);
  });
  test('cycle of two', () => {
    expect(messages(workflow([step('step_a', ['step_b']), step('step_b', ['step_a'])]))).toEqual([
      'Cycle detected: step_a → step_b → step_a',
    ]);
  });
  test('cycle of three, along the edges, behind a root', () => {
    const value = workflow([step('root'), step('a', ['root', 'c']), step('b', ['a']), step('c', ['b']), step('end', ['c'])]);
    expect(messages(value)).toEqual(['Cycle detected: a → b → c → a']);
  });
  test('two cycles are two problems', () => {
    const value = workflow([step('a', ['b']), step('b', ['a']), step('c', ['d']), step('d', ['c', 'a'])]);
    expect(messages(value)).toEqual(['Cycle detected: a → b → a', 'Cycle detected: c → d → c']);
  });
});

describe('a valid definition', () => {
  test('comes back as the same object', () => {
    const value = workflow([fetch, step('notify', ['fetch'])]);
    const found = validateDefinition(value, testCatalog);
    expect(found).toEqual({ definition: value, errors: [], warnings: [] });
    expect(found.definition).toBe(value);
  });
  test('loses the blanks around its name alone', () => {
    const value = workflow([fetch], { name: '  A  ' });
    const { definition } = validateDefinition(value, testCatalog);
    expect(definition?.name).toBe('A');
    expect(definition?.steps).toBe(value.steps);
  });
});

describe('errors', () => {
  test.each<[string, unknown, string[]]>([
    ['no object', [], ['-  invalid_type']],
    ['null', null, ['-  invalid_type']],
    ['nothing in it', {}, ['- /name required', '- /steps required']],
    ['empty name', { name: ' ', steps: [fetch] }, ['- /name too_small']],
    ['no steps', workflow([]), ['- /steps too_small']],
    ['an unknown key', workflow([{ ...fetch, depend_on: [] }]), ['fetch /steps/0/depend_on unknown_key']],
    ['an unknown key of the workflow', workflow([fetch], { stepz: 1 }), ['- /stepz unknown_key']],
    ['a bad id', workflow([step('a b')]), ['a b /steps/0/id invalid_format']],
    ['an id that is too long', workflow([step('x'.repeat(129))]), [`${'x'.repeat(129)} /steps/0/id too_big`]],
    ['an id that is a number', workflow([{ id: 1, type: 'transform' }]), ['- /steps/0/id invalid_type']],
    ['duplicate ids', workflow([step('a'), step('a')]), ['a /steps/1/id duplicate_id']],
    ['itself', workflow([step('a', ['a'])]), ['a /steps/0/depends_on/0 self_dependency']],
    ['twice the same', workflow([step('a'), step('b', ['a', 'a'])]), ['b /steps/1/depends_on/1 duplicate_dependency']],
    ['an unknown type', workflow([{ id: 'a', type: 'http_reqest' }]), ['a /steps/0/type unknown_type']],
    ['a type from the prototype', workflow([{ id: 'a', type: 'constructor' }]), ['a /steps/0/type unknown_type']],
    ['a config fault', workflow([{ ...fetch, config: { url: 5 } }]), ['fetch /steps/0/config/url invalid_type']],
    ['a config without what it needs', workflow([{ id: 'a', type: 'http_request' }]), ['a /steps/0/config/url required']],
    [
      'an unknown config key',
      workflow([{ ...fetch, config: { ...fetch.config, metod: 'GET' } }]),
      ['fetch /steps/0/config/metod unknown_key'],
    ],
    [
      'a branch that the type has not',
      workflow([{ id: 'c', type: 'condition', config: { expression: 'true' } }, step('b', [{ step: 'c', branch: 'maybe' }])]),
      ['b /steps/1/depends_on/0/branch unknown_branch'],
    ],
    [
      'quorum without min_success',
      workflow([step('a'), step('b', ['a'], { join: 'quorum' })]),
      ['b /steps/1/min_success min_success_required'],
    ],
    [
      'min_success above the dependencies',
      workflow([step('a'), step('b', ['a'], { join: 'quorum', min_success: 2 })]),
      ['b /steps/1/min_success min_success_range'],
    ],
    [
      'min_success 0',
      workflow([step('a'), step('b', ['a'], { join: 'quorum', min_success: 0 })]),
      ['b /steps/1/min_success too_small', 'b /steps/1/min_success min_success_required'],
    ],
    [
      'min_success without quorum',
      workflow([step('a'), step('b', ['a'], { min_success: 1 })]),
      ['b /steps/1/min_success min_success_unused'],
    ],
    ['an unknown join', workflow([step('a', [], { join: 'most' })]), ['a /steps/0/join invalid_value']],
    [
      'args_from of no dependency',
      workflow([step('a'), step('b', [], { args_from: { x: 'a', y: 'nope' } })]),
      ['b /steps/1/args_from/x args_from_not_dependency', 'b /steps/1/args_from/y args_from_not_dependency'],
    ],
    [
      'args_from against a fixed argument',
      workflow([step('a'), { id: 'b', type: 'script', depends_on: ['a'], config: { code: '', args: { x: 1 } }, args_from: { x: 'a' } }]),
      ['b /steps/1/args_from/x args_from_clash'],
    ],
    [
      'context_from of no dependency',
      workflow([step('a'), step('b', [], { context_from: ['a'] })]),
      ['b /steps/1/context_from/0 context_not_dependency'],
    ],
    ['an unknown fallback', workflow([step('a', [], { fallback_step: 'x' })]), ['a /steps/0/fallback_step unknown_fallback']],
    ['its own fallback', workflow([step('a', [], { fallback_step: 'a' })]), ['a /steps/0/fallback_step fallback_self']],
    ['fallback without a step', workflow([step('a', [], { on_error: 'fallback' })]), ['a /steps/0/fallback_step fallback_required']],
    [
      'a fallback beside continue',
      workflow([step('a', [], { on_error: 'continue', fallback_step: 'b' }), step('b')]),
      ['a /steps/0/fallback_step fallback_unused'],
    ],
    [
      'a fallback that has dependencies',
      workflow([step('a', [], { fallback_step: 'b' }), step('c'), step('b', ['c'])]),
      ['b /steps/2/depends_on fallback_with_dependencies'],
    ],
    [
      'a step that waits for its own fallback',
      workflow([step('a', ['b'], { fallback_step: 'b' }), step('b')]),
      ['a /steps/0/depends_on cycle'],
    ],
    ['an unknown output', workflow([fetch], { output: 'x' }), ['- /output unknown_output']],
    [
      'an unknown step in the success policy',
      workflow([fetch], { success_policy: { cases: [{ required: ['fetch', 'x'] }], optional: ['y'] } }),
      ['- /success_policy/cases/0/required/1 unknown_policy_step', '- /success_policy/optional/0 unknown_policy_step'],
    ],
    [
      'an empty success case',
      workflow([fetch], { success_policy: { cases: [{ required: [] }] } }),
      ['- /success_policy/cases/0/required too_small'],
    ],
    [
      'checklist #17: timeout 0',
      workflow([step('a', [], { timeout: 0 })], { timeout: '0s' }),
      ['a /steps/0/timeout timeout_zero', '- /timeout timeout_zero'],
    ],
    ['a timeout that is no time', workflow([step('a', [], { timeout: 'soon' })]), ['a /steps/0/timeout invalid_value']],
    ['sensitive', workflow([step('a', [], { sensitive: 'all' })]), ['a /steps/0/sensitive invalid_value']],
    ['good_until', workflow([step('a', [], { good_until: 'tomorrow' })]), ['a /steps/0/good_until invalid_format']],
    ['on_error of the workflow', workflow([fetch], { on_error: 'continue' }), ['- /on_error invalid_value']],
    ['a step that is no object', workflow([5, fetch]), ['- /steps/0 invalid_type']],
    [
      'an unknown group member',
      workflow([fetch], { groups: [{ id: 'g', name: 'G', steps: ['x'] }] }),
      ['- /groups/0/steps/0 unknown_group_step'],
    ],
    ['an undo of an unknown type', workflow([step('a', [], { undo: { type: 'x' } })]), ['a /steps/0/undo/type unknown_type']],
    [
      'an input schema that is none',
      workflow([fetch], { input_schema: { type: 'text', properties: { a: { pattern: '(' } }, required: 'a' } }),
      [
        '- /input_schema/type invalid_schema',
        '- /input_schema/required invalid_schema',
        '- /input_schema/properties/a/pattern invalid_schema',
      ],
    ],
    ['a NUL in a text', workflow([{ ...fetch, name: 'a\0b' }]), ['fetch /steps/0/name invalid_text']],
    ['half a surrogate pair', workflow([fetch], { description: '\ud800' }), ['- /description invalid_text']],
    [
      'a __proto__ key',
      JSON.parse('{"name":"T","steps":[{"id":"a","type":"transform","config":{"expression":"1"}}],"input_schema":{"__proto__":{}}}'),
      ['- /input_schema/__proto__ unsafe_key'],
    ],
    ['a step named __proto__', workflow([step('__proto__')]), ['__proto__ /steps/0/id invalid_id']],
    ['10,001 steps', workflow(Array.from({ length: 10_001 }, (_, at) => step(`s${at}`))), ['- /steps too_big']],
  ])('%s', (_, value, expected) => {
    expect(errorsOf(value)).toEqual(expected);
    expect(validateDefinition(value, testCatalog).definition).toBeNull();
  });

  test('all at once, schema faults and the rest', () => {
    const value = workflow([
      { id: 'a', type: 'transform', depends_on: ['b', 7], nope: 1 },
      { id: 'b', type: 'transform', depends_on: ['a'] },
      { id: 'c', type: 'missing', depends_on: ['ghost'] },
      { id: 'd', type: 'http_request', config: { url: '{{ input.url' } },
    ]);
    expect(errorsOf(value)).toEqual([
      'a /steps/0/depends_on/1 invalid_type',
      'a /steps/0/nope unknown_key',
      'c /steps/2/depends_on/0 unknown_dependency',
      'a /steps/0/depends_on cycle',
      'c /steps/2/type unknown_type',
      'd /steps/3/config/url invalid_format',
      'd /steps/3/config/url expression_syntax',
    ]);
  });

  test('depth', () => {
    let deep: Json = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    const { errors } = validateDefinition(workflow([{ ...fetch, config: { ...fetch.config, body: deep } }]), testCatalog);
    expect(errors).toMatchObject([{ code: 'too_deep', message: 'Nested deeper than 64 levels' }]);
  });
});

describe('texts', () => {
  test.each<[string, unknown, string]>([
    ['a slip in a key', workflow([{ ...fetch, dependson: [] }]), `Unknown key 'dependson'; did you mean 'depends_on'?`],
    [
      'a slip in a config key',
      workflow([{ ...fetch, config: { url: 'https://a.example', haeders: {} } }]),
      `Unknown key 'haeders'; did you mean 'headers'?`,
    ],
    [
      'a slip in a type',
      workflow([{ id: 'a', type: 'http-request' }]),
      `There is no step type 'http-request'; did you mean 'http_request'?`,
    ],
    ['a missing key', workflow([{ id: 'a' }]), `'type' is required`],
    ['another kind', workflow([{ ...fetch, enabled: 'yes' }]), 'Must be true or false, not text'],
    ['a choice', workflow([{ ...fetch, join: 'most' }]), `Must be one of 'all', 'any', 'quorum'`],
    ['a dependency of another kind', workflow([step('a', [5])]), 'Must be text or an object, not a number'],
    ['half a dependency', workflow([fetch, step('a', [{ step: 'fetch' }])]), `'branch' is required`],
    [
      'a duration',
      workflow([{ ...fetch, timeout: 'soon' }]),
      'Must be a number of seconds or text such as 500ms, 30s, 10 minutes (at most 365 days)',
    ],
    ['a URL', workflow([{ ...fetch, config: { url: 'nope' } }]), 'Must be a URL such as https://api.example.com/users'],
    [
      'a templated field of another kind',
      workflow([{ ...fetch, config: { url: 'https://a.example', retries: true } }]),
      'Must be a number or an expression in {{ }}, not true or false',
    ],
    ['a templated choice', workflow([{ ...fetch, config: { url: 'https://a.example', method: 'GTE' } }]), `Must be one of 'GET', 'POST'`],
    [
      'a templated field with a wrong text',
      workflow([{ ...fetch, config: { url: 'https://a.example', retries: 'many' } }]),
      'Must be a number or an expression in {{ }}, not text',
    ],
  ])('%s', (_, value, text) => {
    expect(messages(value)).toEqual([text]);
  });
});
