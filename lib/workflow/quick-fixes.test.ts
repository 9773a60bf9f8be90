import { describe, expect, test } from 'vitest';
import type { Definition } from './definition.ts';
import { applyEdit } from './edit.ts';
import { plainSecretOf, quickFixes } from './quick-fixes.ts';
import { testCatalog } from './test-catalog.ts';
import { fetch, step, workflow } from './test-definitions.ts';
import { validateDefinition } from './validate.ts';

const check = { id: 'check', type: 'condition', config: { cases: [{ name: 'large', when: 'input.total > 1' }] } };
const wait = { id: 'ask', type: 'approval', config: { message: 'Go?' } };
const reads = (id: string, after: readonly string[], text: string, more = {}) => ({
  id,
  type: 'http_request',
  depends_on: after,
  config: { url: 'https://a.example', headers: { a: text } },
  ...more,
});

function problemsOf(definition: Definition) {
  const { errors, warnings } = validateDefinition(definition, testCatalog);
  return [...errors, ...warnings];
}

/** Every fix of a problem: its words, and the definition after it. */
function fixesOf(value: { name: string; steps: unknown[] }, code: string) {
  const definition = value as unknown as Definition;
  const problem = problemsOf(definition).find((one) => one.code === code);
  if (problem === undefined) throw new Error(`No ${code} among ${problemsOf(definition).map((one) => one.code)}`);
  return quickFixes(problem, definition, testCatalog).map(({ label, edit }) => {
    const result = applyEdit(definition, edit, testCatalog);
    if (!result.ok) throw new Error(result.problems[0]?.message);
    return {
      label,
      after: result.definition,
      left: problemsOf(result.definition).filter((one) => one.code === code && one.path === problem.path).length,
    };
  });
}

describe('each fix mends its problem', () => {
  const table: readonly [string, { name: string; steps: unknown[] }, readonly string[]][] = [
    ['unknown_dependency', workflow([fetch, step('b', ['fetsh'])]), ['Connect to fetch instead', 'Remove the connection']],
    ['self_dependency', workflow([step('a', ['a'])]), ['Remove the connection']],
    ['duplicate_dependency', workflow([fetch, step('b', ['fetch', 'fetch'])]), ['Remove the second connection']],
    ['cycle', workflow([step('a', ['b']), step('b', ['a'])]), ['Disconnect b → a']],
    [
      'unknown_branch',
      workflow([check, step('b', [{ step: 'check', branch: 'small' }])]),
      ['Add branch small to check', 'Follow branch large', 'Follow branch default', 'Remove the connection'],
    ],
    ['duplicate_id', workflow([step('a'), step('a')]), ['Rename to a_2']],
    [
      'unreachable',
      workflow([step('a', [], { enabled: false }), step('b'), step('c', ['a', 'b'])]),
      ['Turn on a', 'Start when any of them is done'],
    ],
    [
      'min_success_required',
      workflow([step('a'), step('b'), step('c', ['a', 'b'], { join: 'quorum' })]),
      ['Need 1 of them', 'Start when any of them is done'],
    ],
    ['min_success_range', workflow([step('a'), step('c', ['a'], { join: 'quorum', min_success: 3 })]), ['Need all 1']],
    ['min_success_unused', workflow([step('a'), step('c', ['a'], { min_success: 1 })]), ['Remove the number']],
    ['timeout_zero', workflow([step('a', [], { timeout: 0 })]), ['Remove the timeout']],
    ['unknown_fallback', workflow([step('a', [], { fallback_step: 'x' })]), ['Remove the fallback']],
    ['args_from_not_dependency', workflow([step('a'), step('b', [], { args_from: { x: 'a' } })]), ['Connect a → b', 'Remove argument x']],
    [
      'context_not_dependency',
      workflow([step('a'), step('b', [], { context_from: ['a'] })]),
      ['Connect a → b', 'Remove it from the context'],
    ],
    ['unknown_type', workflow([{ id: 'a', type: 'http_reqest' }]), ['Make it http_request']],
    ['unknown_key', workflow([{ ...fetch, config: { ...fetch.config, methd: 'GET' } }]), ['Rename to method', 'Remove methd']],
    ['reference_not_upstream', workflow([fetch, reads('b', [], '{{ steps.fetch.output }}')]), ['Connect fetch → b']],
    [
      'unknown_reference',
      workflow([fetch, reads('b', ['fetch'], 'x {{ steps.fetsh.output }}')]),
      ['Read fetch instead', 'Remove the dead reference'],
    ],
    [
      'needs_backticks',
      workflow([{ ...fetch, id: 'fetch-users' }, reads('b', ['fetch-users'], '{{ steps.fetch-users.output }}')]),
      ['Write `fetch-users`'],
    ],
    ['unknown_step_field', workflow([fetch, reads('b', ['fetch'], '{{ steps.fetch.body }}')]), ['Read output.body']],
  ];
  for (const [code, definition, labels] of table) {
    test(`${code}: ${labels.join(' · ')}`, () => {
      const fixes = fixesOf(definition, code);
      expect(fixes.map(({ label }) => label)).toEqual(labels);
      expect(fixes.map(({ left }) => left)).toEqual(labels.map(() => 0));
    });
  }

  test('no_timeout: a limit for what waits for people', () => {
    expect(fixesOf(workflow([wait]), 'no_timeout')[0]?.after.steps[0]?.timeout).toBe('1 day');
  });

  test('a dead reference leaves the text around it, and takes a field that held nothing else with it', () => {
    const around = fixesOf(workflow([reads('b', [], 'Hi {{ steps.gone.output }}!')]), 'unknown_reference').at(-1)?.after;
    expect(around?.steps[0]?.config?.headers).toEqual({ a: 'Hi !' });
    const alone = fixesOf(workflow([reads('b', [], '{{ steps.gone.output }}')]), 'unknown_reference').at(-1)?.after;
    expect(alone?.steps[0]?.config?.headers).toEqual({});
    const condition = fixesOf(workflow([step('b', [], { run_when: 'steps.gone.output' })]), 'unknown_reference').at(-1)?.after;
    expect(condition?.steps[0]?.run_when).toBeUndefined();
  });

  test('inside a loop too', () => {
    const loop = { id: 'each', type: 'loop', config: { items: '[1]', steps: [step('a'), step('b', ['c'])] } };
    const [fix] = fixesOf(workflow([loop]), 'unknown_dependency').filter(({ label }) => label === 'Remove the connection');
    expect(fix?.left).toBe(0);
    expect(fix?.after.steps[0]?.config?.steps).toEqual([step('a'), { id: 'b', type: 'transform' }]);
  });

  test('what only its author can know has none', () => {
    const definition = workflow([{ id: 'a', type: 'http_request' }]) as unknown as Definition;
    for (const problem of problemsOf(definition)) expect(quickFixes(problem, definition, testCatalog)).toEqual([]);
  });
});

describe('a secret in plain text', () => {
  const token = 'Bearer abcdefghijklmnop1234';
  function secretOf(step: object) {
    const definition = workflow([step]) as unknown as Definition;
    const problem = problemsOf(definition).find(({ code }) => code === 'plain_secret');
    if (problem === undefined) throw new Error('No secret was found');
    return { definition, secret: plainSecretOf(problem, definition, testCatalog) };
  }

  test('goes away under a name; the word before it stays', () => {
    const { definition, secret } = secretOf({ ...fetch, config: { ...fetch.config, headers: { authorization: token } } });
    expect(secret).toMatchObject({ value: 'abcdefghijklmnop1234', name: 'FETCH_AUTHORIZATION' });
    const result = applyEdit(definition, secret?.replace('API') ?? { kind: 'batch', edits: [] }, testCatalog);
    if (!result.ok) throw new Error('refused');
    expect(result.definition.steps[0]?.config?.headers).toEqual({ authorization: 'Bearer {{ secrets.API }}' });
    expect(problemsOf(result.definition).filter(({ code }) => code === 'plain_secret')).toEqual([]);
  });

  test('also in an undo', () => {
    const { definition, secret } = secretOf({
      ...fetch,
      undo: { type: 'http_request', config: { url: 'https://a.example', headers: { authorization: token } } },
    });
    const result = applyEdit(definition, secret?.replace('API') ?? { kind: 'batch', edits: [] }, testCatalog);
    if (!result.ok) throw new Error('refused');
    expect(result.definition.steps[0]?.undo?.config?.headers).toEqual({ authorization: 'Bearer {{ secrets.API }}' });
  });
});
