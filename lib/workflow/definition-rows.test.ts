import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { applyEdit } from './edit.ts';
import { compileGraph } from './graph.ts';
import { testCatalog } from './test-catalog.ts';
import { errorsOf, fetch, messages, step, workflow } from './test-definitions.ts';
import { validateDefinition } from './validate.ts';

/** What the rules of a definition accept and refuse, rule by rule; how each fault is told stands in `validate.test.ts`. */

const codes = (value: unknown): string[] => errorsOf(value).map((line) => line.split(' ').at(-1) ?? '');
const withStep = (more: Record<string, Json>) => workflow([step('a'), step('b', ['a']), step('c', ['a', 'b'], more)]);

function graphOf(value: unknown) {
  const { definition } = validateDefinition(value, testCatalog);
  if (definition === null) throw new Error(JSON.stringify(errorsOf(value)));
  return compileGraph(definition, testCatalog);
}

test('checklist #10, #43: a workflow has a name that is not empty, of at most 200 characters', () => {
  for (const name of ['a', 'x'.repeat(200), 'Ä 🚚']) expect(errorsOf(workflow([fetch], { name }))).toEqual([]);
  for (const name of ['', '   ', '\n']) expect(errorsOf(workflow([fetch], { name }))).toEqual(['- /name too_small']);
  expect(errorsOf({ steps: [fetch] })).toEqual(['- /name required']);
  expect(messages(workflow([fetch], { name: 'x'.repeat(201) }))).toEqual([expect.stringContaining('200')]);
});

describe('checklist #11: steps', () => {
  test('there is at least one', () => {
    expect(messages(workflow([]))).toEqual(['A workflow needs at least one step']);
    expect(errorsOf({ name: 'x' })).toEqual(['- /steps required']);
    expect(errorsOf(workflow([fetch]))).toEqual([]);
  });
  test('at least one has no dependencies: else they go round in a circle, which is told', () => {
    expect(codes(workflow([step('a', ['b']), step('b', ['a'])]))).toEqual(['cycle']);
    expect(codes(workflow([step('a', ['a'])]))).toEqual(['self_dependency']);
    expect(graphOf(workflow([step('a', ['b']), step('b')])).roots).toEqual([1]);
  });
});

describe('checklist #12: the id of a step', () => {
  test.each(['a', 'fetch_users', 'Fetch-Users.v2:1', '0', '_', 'x'.repeat(128)])('%.20s is one', (id) => {
    expect(errorsOf(workflow([step(id)]))).toEqual([]);
  });
  test.each(['', 'x'.repeat(129), 'a b', 'ä', 'a/b', 'a[0]', 'a\n', '{{a}}', 'a,b'])('%.20j is none', (id) => {
    expect(errorsOf(workflow([step(id)]))).not.toEqual([]);
  });
  test('is unique', () => {
    expect(codes(workflow([step('a'), step('b'), step('a')]))).toEqual(['duplicate_id']);
    expect(errorsOf(workflow([step('a'), step('A')]))).toEqual([]);
  });
  test('is fixed once it exists: neither another name nor another type, config or place changes it', () => {
    const definition = { name: 'T', steps: [{ id: 'fetch', type: 'transform' }] };
    const changes = { name: 'Load it all', type: 'script', config: { code: '' }, position: { x: 1, y: 2 } };
    const renamed = applyEdit(definition, { kind: 'update_step', id: 'fetch', changes }, testCatalog);
    expect(renamed).toMatchObject({ ok: true, definition: { steps: [{ id: 'fetch', ...changes }] } });
  });
});

test('checklist #14: the name of a step has at most 200 characters and defaults to its id', () => {
  expect(errorsOf(workflow([step('a', [], { name: 'x'.repeat(200) })]))).toEqual([]);
  for (const name of ['', 'x'.repeat(201)]) expect(errorsOf(workflow([step('a', [], { name })]))).toHaveLength(1);
});

test('checklist #15: depends_on is a list of ids of other steps without a circle', () => {
  expect(
    graphOf(workflow([step('a'), step('b', ['a']), step('c', ['a', 'b'])])).steps.map((one) => one.incoming.map(({ from }) => from)),
  ).toEqual([[], [0], [0, 1]]);
  expect(messages(workflow([step('notify', ['fetch'])]))).toEqual([`Step 'notify' depends on 'fetch' which doesn't exist`]);
  expect(codes(workflow([step('a', ['a'])]))).toEqual(['self_dependency']);
  expect(messages(workflow([step('a', ['c']), step('b', ['a']), step('c', ['b'])]))).toEqual(['Cycle detected: a → b → c → a']);
  for (const wrong of ['a', 5, { step: 'a' }, [5]]) expect(errorsOf(workflow([step('a'), step('b', wrong as Json)]))).not.toEqual([]);
});

test('checklist #16: enabled is true where nothing is said', () => {
  expect(graphOf(workflow([step('a'), step('b', [], { enabled: false })])).steps.map((one) => one.enabled)).toEqual([true, false]);
  expect(errorsOf(workflow([step('a', [], { enabled: 'no' })]))).toHaveLength(1);
});

test('checklist #20: on_error of a workflow is fail or pause, fail by default', () => {
  expect(graphOf(workflow([fetch])).onError).toBe('fail');
  for (const on_error of ['fail', 'pause']) expect(graphOf(workflow([fetch], { on_error })).onError).toBe(on_error);
  for (const on_error of ['continue', 'retry', null, ''])
    expect(errorsOf(workflow([fetch], { on_error }))).toEqual(['- /on_error invalid_value']);
});

test('checklist #21: the output step must be one of the workflow', () => {
  expect(errorsOf(workflow([fetch], { output: 'fetch' }))).toEqual([]);
  expect(errorsOf(workflow([fetch], { output: 'nope' }))).toEqual(['- /output unknown_output']);
});

test('checklist #22: a success policy has cases of required steps and optional ones, all of them of the workflow', () => {
  const policy = (success_policy: Json) => codes(workflow([fetch, step('b')], { success_policy }));
  expect(policy({ cases: [{ required: ['fetch'] }, { required: ['fetch', 'b'] }], optional: ['b'] })).toEqual([]);
  expect(policy({ cases: [] })).toEqual(['too_small']);
  expect(policy({ cases: [{ required: [] }] })).toEqual(['too_small']);
  expect(policy({ cases: [{ required: ['x'] }], optional: ['y'] })).toEqual(['unknown_policy_step', 'unknown_policy_step']);
  expect(policy({ optional: ['b'] })).toEqual(['required']);
});

test('checklist #23: a join is all (by default), any or quorum', () => {
  const joins = (more: Record<string, Json>) => graphOf(withStep(more)).steps[2]?.join;
  expect(joins({})).toEqual({ kind: 'all', allowFailed: false });
  expect(joins({ join: 'all', allow_failed_deps: true })).toEqual({ kind: 'all', allowFailed: true });
  expect(joins({ join: 'any' })).toEqual({ kind: 'any' });
  expect(joins({ join: 'quorum', min_success: 2 })).toEqual({ kind: 'quorum', min: 2 });
  expect(codes(withStep({ join: 'most' }))).toEqual(['invalid_value']);
});

test('checklist #24: min_success is required for quorum and only there, from 1 to the number of dependencies', () => {
  for (const min_success of [1, 2]) expect(codes(withStep({ join: 'quorum', min_success }))).toEqual([]);
  expect(codes(withStep({ join: 'quorum' }))).toEqual(['min_success_required']);
  expect(codes(withStep({ join: 'quorum', min_success: 3 }))).toEqual(['min_success_range']);
  for (const min_success of [0, -1]) expect(codes(withStep({ join: 'quorum', min_success }))).toContain('too_small');
  expect(codes(withStep({ join: 'quorum', min_success: 1.5 }))).not.toEqual([]);
  for (const join of ['all', 'any']) expect(codes(withStep({ join, min_success: 1 }))).toEqual(['min_success_unused']);
});

test('checklist #26: args_from maps parameters to dependencies and does not clash with fixed arguments', () => {
  expect(codes(withStep({ args_from: { one: 'a', two: 'b' } }))).toEqual([]);
  expect(codes(workflow([step('a'), step('b', ['a']), step('c', ['b'], { args_from: { x: 'a' } })]))).toEqual(['args_from_not_dependency']);
  expect(codes(withStep({ args_from: { x: 'nope' } }))).toEqual(['args_from_not_dependency']);
  const script = (args: Json) => ({ id: 's', type: 'script', depends_on: ['a'], config: { code: '', args }, args_from: { x: 'a' } });
  expect(codes(workflow([step('a'), script({ y: 1 })]))).toEqual([]);
  expect(codes(workflow([step('a'), script({ x: 1 })]))).toEqual(['args_from_clash']);
});

test('checklist #27: each context source is a dependency', () => {
  expect(codes(withStep({ context_from: ['a', 'b'] }))).toEqual([]);
  expect(codes(withStep({ context_from: ['c'] }))).toEqual(['context_not_dependency']);
  expect(codes(workflow([step('a'), step('b', [], { context_from: ['a'] })]))).toEqual(['context_not_dependency']);
});

test('checklist #28: run_when and skip_when are expressions, checked before anything runs', () => {
  for (const text of ['{{ steps.a.output.n > 1 }}', 'steps.a.status == "completed"']) {
    expect(codes(withStep({ run_when: text, skip_when: text }))).toEqual([]);
  }
  expect(errorsOf(withStep({ run_when: 'steps.a.' }))).toEqual(['c /steps/2/run_when expression_syntax']);
  expect(codes(withStep({ skip_when: 'steps.nope.output' }))).not.toEqual([]);
  for (const wrong of [true, '', 5]) expect(codes(withStep({ run_when: wrong }))).not.toEqual([]);
});

test('checklist #43: 10,000 steps are accepted, one more is refused in words', () => {
  const many = Array.from({ length: 10_001 }, (_, at) => step(`s${at}`));
  expect(errorsOf(workflow(many.slice(1)))).toEqual([]);
  expect(messages(workflow(many))).toEqual(['A workflow has at most 10000 steps, not 10001']);
});
