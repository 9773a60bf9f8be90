import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { testCatalog } from './test-catalog.ts';
import { validateDefinition } from './validate.ts';

const fetch = { id: 'fetch', type: 'http_request', config: { url: 'https://api.example.com' } };
function step(id: string, depends_on: Json = [], more: Record<string, Json> = {}): Record<string, Json> {
  return { id, type: 'transform', depends_on, ...more };
}
function workflow(steps: readonly unknown[], more: Record<string, unknown> = {}): { name: string; steps: unknown[] } {
  return { name: 'Test', steps: [...steps], ...more };
}
/** `step path code` of each error (or warning), in order. */
function errorsOf(value: unknown): string[] {
  return validateDefinition(value, testCatalog).errors.map((one) => `${one.step ?? '-'} ${one.path} ${one.code}`);
}
function warningsOf(value: unknown): string[] {
  return validateDefinition(value, testCatalog).warnings.map((one) => `${one.step ?? '-'} ${one.path} ${one.code}`);
}
function messages(value: unknown): string[] {
  const { errors, warnings } = validateDefinition(value, testCatalog);
  return [...errors, ...warnings].map((one) => one.message);
}

describe('exact texts', () => {
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
      'timeout 0',
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

describe('expressions', () => {
  const read = (expression: string, more: Record<string, Json> = {}) => ({
    id: 'read',
    type: 'transform',
    depends_on: ['fetch'],
    config: { expression },
    ...more,
  });

  test.each<[string, unknown, string[]]>([
    ['a good one', workflow([fetch, read('steps.fetch.output.body.items')]), []],
    ['bad syntax', workflow([fetch, read('steps.fetch.output.(')]), ['read /steps/1/config/expression expression_syntax']],
    ['an unknown step', workflow([fetch, read('steps.fetsh.output')]), ['read /steps/1/config/expression unknown_reference']],
    [
      'a step that is not upstream',
      workflow([fetch, read('steps.other.output'), step('other')]),
      ['read /steps/1/config/expression reference_not_upstream'],
    ],
    ['itself', workflow([fetch, read('steps.read.output')]), ['read /steps/1/config/expression reference_not_upstream']],
    ['itself in its undo', workflow([fetch, read('1', { undo: { type: 'transform', config: { expression: 'steps.read.output' } } })]), []],
    [
      'an id that needs backticks',
      workflow([
        { ...fetch, id: 'fetch-users' },
        { ...read('steps.fetch-users.output'), depends_on: ['fetch-users'] },
      ]),
      ['read /steps/1/config/expression needs_backticks'],
    ],
    [
      'the same with backticks',
      workflow([
        { ...fetch, id: 'fetch-users' },
        { ...read('steps.`fetch-users`.output'), depends_on: ['fetch-users'] },
      ]),
      [],
    ],
    ['a condition', workflow([fetch, read('1', { run_when: '{{ steps.nope.output }}' })]), ['read /steps/1/run_when unknown_reference']],
    [
      'a condition outside its context',
      workflow([step('a'), fetch, read('1', { depends_on: ['a', 'fetch'], context_from: ['a'], run_when: 'steps.fetch.output' })]),
      ['read /steps/2/run_when reference_not_in_context'],
    ],
    [
      'a secret in a condition',
      workflow([fetch, read('1', { skip_when: 'secrets.KEY = 1' })]),
      ['read /steps/1/skip_when secret_in_condition'],
    ],
    ['script code is no expression', workflow([fetch, { id: 's', type: 'script', config: { code: '{{ nope(' } }]), []],
    [
      'the concurrency key',
      workflow([fetch], { concurrency: { limit: 1, key: '{{ steps.fetch.output }}' } }),
      ['- /concurrency/key not_available'],
    ],
    [
      'a fallback reads what its step could read',
      workflow([
        fetch,
        read('1', { fallback_step: 'back' }),
        { id: 'back', type: 'transform', config: { expression: 'steps.read.error & steps.fetch.status' } },
      ]),
      [],
    ],
  ])('%s', (_, value, expected) => {
    expect(errorsOf(value)).toEqual(expected);
  });

  test('the place of a fault is told', () => {
    expect(messages(workflow([fetch, read('input.a +')]))[0]).toMatch(/^This expression can't be read: .* \(at character \d+\)$/);
  });
});

describe('warnings', () => {
  const check = { id: 'check', type: 'condition', config: { expression: 'input.ok' } };
  const reads = (source: string) => ({ config: { expression: `steps.${source}.output` } });

  test.each<[string, unknown, string[]]>([
    // a(disabled) → b → c
    [
      'downstream of a disabled step',
      workflow([step('a', [], { enabled: false }), step('b', ['a']), step('c', ['b'])]),
      ['b /steps/1 unreachable', 'c /steps/2 unreachable'],
    ],
    ['any needs one of two', workflow([step('a', [], { enabled: false }), step('b'), step('c', ['a', 'b'], { join: 'any' })]), []],
    // check ─true→ x ┐
    //       └false→ y ┴ quorum 2
    [
      'a quorum over both ways of a decision',
      workflow([
        check,
        step('x', [{ step: 'check', branch: 'true' }]),
        step('y', [{ step: 'check', branch: 'false' }]),
        step('z', ['x', 'y'], { join: 'quorum', min_success: 2 }),
      ]),
      ['z /steps/3/join join_never_met'],
    ],
    [
      'a merge of both ways',
      workflow([
        check,
        step('x', [{ step: 'check', branch: 'true' }]),
        step('y', [{ step: 'check', branch: 'false' }]),
        step('z', ['x', 'y']),
      ]),
      [],
    ],
    [
      'the output of one way, read after the merge',
      workflow([
        check,
        step('x', [{ step: 'check', branch: 'true' }]),
        step('y', [{ step: 'check', branch: 'false' }]),
        step('z', ['x', 'y'], reads('x')),
        step('w', ['z'], reads('check')),
      ]),
      ['z /steps/3/config/expression reference_may_be_skipped'],
    ],
    [
      'the output of one way, read on that way',
      workflow([check, step('x', [{ step: 'check', branch: 'true' }]), step('z', ['x'], reads('x'))]),
      [],
    ],
    [
      'any',
      workflow([step('a'), step('b'), step('c', ['a', 'b'], { join: 'any', ...reads('a') })]),
      ['c /steps/2/config/expression reference_may_be_skipped'],
    ],
    ['all', workflow([step('a'), step('b'), step('c', ['a', 'b'], reads('a'))]), []],
    [
      'the output of a failed step in its catch',
      workflow([step('a'), step('b', [{ step: 'a', branch: 'error' }], reads('a'))]),
      ['b /steps/1/config/expression reference_may_be_skipped'],
    ],
    [
      'the error of a failed step in its catch',
      workflow([step('a'), step('b', [{ step: 'a', branch: 'error' }], { config: { expression: 'steps.a.error' } })]),
      [],
    ],
    [
      'a wait for an event without a limit',
      workflow([{ id: 'w', type: 'wait', config: { event_type: 'paid' } }]),
      ['w /steps/0/timeout no_timeout'],
    ],
    ['a wait for an event with a limit', workflow([{ id: 'w', type: 'wait', config: { event_type: 'paid', timeout: '1h' } }]), []],
    ['a wait for a duration', workflow([{ id: 'w', type: 'wait', config: { duration: '1h' } }]), []],
    [
      'a secret by its key',
      workflow([{ ...fetch, config: { ...fetch.config, headers: { Authorization: 'Basic abc' } } }]),
      ['fetch /steps/0/config/headers/Authorization plain_secret'],
    ],
    [
      'a secret by its look',
      workflow([{ ...fetch, config: { url: `https://a.example/?k=ghp_${'a'.repeat(36)}` } }]),
      ['fetch /steps/0/config/url plain_secret'],
    ],
    [
      'a secret where it belongs',
      workflow([{ ...fetch, config: { ...fetch.config, headers: { Authorization: 'Bearer {{ secrets.KEY }}' } } }]),
      [],
    ],
    [
      'a plain edge beside a handled refusal',
      workflow([{ id: 'ok', type: 'approval', timeout: 60 }, step('no', [{ step: 'ok', branch: 'rejected' }]), step('pay', ['ok'])]),
      ['pay /steps/2/depends_on/0 runs_on_refusal'],
    ],
    [
      'steps.x.body for steps.x.output.body',
      workflow([fetch, step('a', ['fetch'], { config: { expression: 'steps.fetch.body' } })]),
      ['a /steps/1/config/expression unknown_step_field'],
    ],
    [
      'a name that is nothing',
      workflow([step('a', [], { config: { expression: 'inputs.x' } })]),
      ['a /steps/0/config/expression unknown_name'],
    ],
  ])('%s', (_, value, expected) => {
    expect(errorsOf(value)).toEqual([]);
    expect(warningsOf(value)).toEqual(expected);
  });
});

describe('never throws', () => {
  test('on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void validateDefinition(value, testCatalog)),
      { numRuns: 500 },
    );
  });

  test('on a valid definition with anything put anywhere', () => {
    const whole = workflow(
      [
        fetch,
        {
          id: 'c',
          type: 'condition',
          depends_on: ['fetch'],
          config: { cases: [{ name: 'a', when: 'input.x' }] },
          retry: { max_attempts: 2 },
        },
        step('q', ['fetch', { step: 'c', branch: 'a' }], {
          join: 'quorum',
          min_success: 1,
          args_from: { x: 'fetch' },
          context_from: ['c'],
        }),
        step('u', ['q'], {
          undo: { type: 'transform', config: {} },
          run_when: 'steps.q.output',
          fallback_step: 'f',
          position: { x: 1, y: 2 },
        }),
        step('f'),
      ],
      {
        success_policy: { cases: [{ required: ['u'] }] },
        groups: [{ id: 'g', name: 'G', steps: ['u'] }],
        input_schema: { type: 'object' },
        concurrency: { limit: 1 },
      },
    );
    const places: (string | number)[][] = [];
    (function walk(value: unknown, path: (string | number)[]): void {
      places.push(path);
      if (typeof value !== 'object' || value === null) return;
      for (const key of Object.keys(value)) walk((value as Record<string, unknown>)[key], [...path, key]);
    })(whole, []);
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('fetch', 'u', 'f', 'c', '{{', 'steps.q.output', '__proto__', 'constructor', '\0', '\ud800', -1, 1e308),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...places), odd), { minLength: 1, maxLength: 4 }), (changes) => {
        const copy = structuredClone(whole) as unknown as Record<string, unknown>;
        for (const [path, value] of changes) {
          let target: unknown = copy;
          for (const key of path.slice(0, -1))
            target = typeof target === 'object' && target !== null ? (target as Record<string, unknown>)[key] : undefined;
          const last = path.at(-1);
          if (last !== undefined && typeof target === 'object' && target !== null)
            (target as Record<string, unknown>)[last] = structuredClone(value);
        }
        const { definition, errors } = validateDefinition(copy, testCatalog);
        expect(definition === null).toBe(errors.length > 0);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('10,000 steps', () => {
  const chain = (more: (at: number) => Record<string, Json>) =>
    workflow(Array.from({ length: 10_000 }, (_, at) => step(`s${at}`, at === 0 ? [] : [`s${at - 1}`], more(at))));
  const fastest = (value: unknown) =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const copy = structuredClone(value);
        const start = performance.now();
        validateDefinition(copy, testCatalog);
        return performance.now() - start;
      }),
    );

  test('a chain', () => {
    expect(errorsOf(chain(() => ({})))).toEqual([]);
    expect(fastest(chain(() => ({})))).toBeLessThan(400);
  });
  test('a chain of expressions that read far back', () => {
    const value = chain((at) => (at === 0 ? {} : { config: { expression: `steps.s${at >> 1}.output.value` } }));
    expect(errorsOf(value)).toEqual([]);
    expect(fastest(value)).toBeLessThan(1500);
  });
  test('a cycle through all', () => {
    const value = chain(() => ({}));
    value.steps[0] = step('s0', ['s9999']);
    const [message] = messages(value);
    expect(message).toMatch(/^Cycle detected: s0 → s1 → .*… 9961 more ….* → s9999 → s0$/);
  });
  test('all of them wrong', () => {
    const { errors } = validateDefinition(
      chain((at) => ({ nope: at })),
      testCatalog,
    );
    expect(errors).toHaveLength(1001);
    expect(errors.at(-1)).toEqual({ path: '', code: 'too_many_problems', message: '… and 9000 more' });
  });
});
