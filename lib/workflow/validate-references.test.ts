import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { errorsOf, fetch, messages, step, warningsOf, workflow } from './test-definitions.ts';

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
    [
      'a secret in the expression of a condition',
      workflow([{ id: 'c', type: 'condition', config: { expression: "secrets.KEY = 'x'" } }]),
      ['c /steps/0/config/expression secret_in_expression'],
    ],
    [
      'a secret that an expression chooses',
      workflow([
        { ...fetch, config: { ...fetch.config, headers: { a: '{{ secrets[input.name] }}', b: '{{ secrets }}', c: '{{ secrets.* }}' } } },
      ]),
      [
        'fetch /steps/0/config/headers/a secret_unnamed',
        'fetch /steps/0/config/headers/b secret_unnamed',
        'fetch /steps/0/config/headers/c secret_unnamed',
      ],
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
