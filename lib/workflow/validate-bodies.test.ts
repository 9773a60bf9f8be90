import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { MAX_STEPS } from './definition.ts';
import { testCatalog } from './test-catalog.ts';
import { validateDefinition } from './validate.ts';

type Loose = JsonObject & { id: string };
const step = (id: string, expressionText = '1', more: JsonObject = {}): Loose => ({
  id,
  type: 'transform',
  config: { expression: expressionText },
  ...more,
});
const loop = (id: string, steps: readonly Loose[], config: JsonObject = { items: '[1]' }, more: JsonObject = {}): Loose => ({
  id,
  type: 'loop',
  config: { ...config, steps: steps as unknown as Json },
  ...more,
});

function faults(...steps: Loose[]): string[] {
  const { errors, warnings } = validateDefinition({ name: 'w', steps }, testCatalog);
  return [...errors, ...warnings].map((problem) => `${problem.path} ${problem.code}`);
}
const texts = (...steps: Loose[]) => validateDefinition({ name: 'w', steps }, testCatalog).errors.map((problem) => problem.message);

describe('the body of a loop', () => {
  test('may read each other, what is before the loop, item and index', () => {
    const inner = [step('b', 'steps.a.output + item + index'), step('c', 'steps.b.output', { depends_on: ['b'] })];
    expect(
      faults(step('a'), loop('l', inner, { items: 'steps.a.output', break_when: 'steps.c.output > 3' }, { depends_on: ['a'] })),
    ).toEqual([]);
  });

  test('has all its faults reported with their paths', () => {
    const inner = [
      step('x', 'steps.nope.output'),
      step('x', '1 +'),
      { id: 'y', type: 'transfrm' },
      step('z', '1', { depends_on: ['y', 'gone'], typo: true }),
    ];
    expect(faults(step('first'), loop('l', inner, { items: '[1]', output: 'w' }))).toEqual([
      '/steps/1/config/steps/3/typo unknown_key',
      '/steps/1/config/steps/1/id duplicate_id',
      '/steps/1/config/steps/3/depends_on/1 unknown_dependency',
      '/steps/1/config/output unknown_output',
      '/steps/1/config/steps/2/type unknown_type',
      '/steps/1/config/steps/0/config/expression unknown_reference',
      '/steps/1/config/steps/1/config/expression expression_syntax',
    ]);
  });

  test('may be a loop with a body, to any depth', () => {
    const deep = loop('m', [step('x', 'outer.item + item + steps.a.output')]);
    expect(faults(step('a'), loop('l', [deep], { items: '[1]' }, { depends_on: ['a'] }))).toEqual([]);
    expect(faults(loop('l', [loop('m', [step('x', 'steps.nope.output')])]))).toEqual([
      '/steps/0/config/steps/0/config/steps/0/config/expression unknown_reference',
    ]);
  });

  test('is a graph of its own: cycles in it, edges out of it and into it are refused', () => {
    expect(texts(loop('l', [step('a', '1', { depends_on: ['b'] }), step('b', '1', { depends_on: ['a'] })]))).toEqual([
      'Cycle detected: a → b → a',
    ]);
    expect(
      texts(step('before'), loop('l', [step('a', '1', { depends_on: ['before'] })], { items: '[1]' }, { depends_on: ['before'] })),
    ).toEqual([
      "Step 'a' depends on 'before' which is outside its loop; the steps of a loop begin with it and read such a step as steps.before",
    ]);
    expect(texts(loop('l', [step('a')]), step('after', '1', { depends_on: ['a'] }))).toEqual([
      "Step 'after' depends on 'a' which is inside the loop 'l'; depend on the loop",
    ]);
  });

  test('is not seen from outside, and sees nothing beside or after its loop', () => {
    expect(texts(loop('l', [step('a')]), step('after', 'steps.a.output', { depends_on: ['l'] }))).toEqual([
      "Step 'after' reads 'a', which is inside the loop 'l'; the results of its iterations are steps.l.output",
    ]);
    expect(texts(loop('l', [step('a', 'steps.other.output')]), step('other'))).toEqual([
      "Step 'a' reads 'other', which is not upstream of its loop 'l'",
    ]);
    expect(texts(loop('l', [step('a')], { while: 'steps.a.output < 3' }))).toEqual([
      "'while' is asked before an iteration: it reads what the one before resulted in as item, not 'a'",
    ]);
  });

  test('has ids of its own: those of steps around it are taken, those of another body are not', () => {
    expect(faults(step('a'), loop('l', [step('a')]))).toEqual(['/steps/1/config/steps/0/id duplicate_id']);
    expect(faults(loop('l', [step('a')]), loop('m', [step('a')]))).toEqual([]);
  });

  test('item, index and outer outside of loops are told to have no value', () => {
    expect(faults(step('a', 'item'))).toEqual(['/steps/0/config/expression not_in_loop']);
    expect(faults(loop('l', [step('a', 'outer.item')]))).toEqual(['/steps/0/config/steps/0/config/expression not_in_loop']);
  });

  test('checklist #43: its steps count for the limit of the workflow', () => {
    const many = Array.from({ length: MAX_STEPS }, (_, at) => step(`s${at}`));
    expect(texts(loop('l', many))).toEqual([`A workflow has at most ${MAX_STEPS} steps, not ${MAX_STEPS + 1}`]);
  });
});
