import { describe, expect, test } from 'vitest';
import { testCatalog } from '#lib/workflow/test-catalog.ts';
import { placedBelow, readPasted, STEPS_MARK } from './pasted-steps.ts';

const STEP = { id: 'fetch', type: 'transform', config: { fields: { a: '1' } } };

describe('what is pasted on the canvas', () => {
  test.each([
    ['steps that were copied', { [STEPS_MARK]: [STEP] }, false],
    ['a definition', { name: 'Orders', steps: [STEP] }, true],
    ['a definition in an answer of the API', { id: 'wf_1', definition: { name: 'Orders', steps: [STEP] } }, true],
    ['a list of steps', [STEP], true],
    ['one step', STEP, true],
  ])('reads %s', (_what, value, isForeign) => {
    expect(readPasted(`\n${JSON.stringify(value, null, 2)}`)).toMatchObject({ steps: [{ id: 'fetch' }], isForeign });
  });

  test.each([
    ['no text', '   ', 'There is no text on the clipboard.'],
    ['plain text', 'Hello Ada', 'What was pasted is no workflow'],
    ['a number', '42', 'What was pasted is no workflow'],
    ['other JSON', '{"a":1}', 'What was pasted is no workflow'],
    ['broken JSON', '{"steps": [', 'The pasted JSON can’t be read'],
    ['an empty definition', '{"name":"x","steps":[]}', 'What was pasted has no steps.'],
    ['a step without a type', '{"steps":[{"id":"fetch","config":{}}]}', 'step fetch, type: '],
    ['what is no step at all', '[1]', 'step 1: '],
  ])('says why not: %s', (_what, text, reason) => {
    expect(readPasted(text)).toEqual({ refusal: expect.stringContaining(reason) });
  });

  test('stands below what is on the canvas, laid out anew', () => {
    const [first, second] = placedBelow(
      [STEP, { ...STEP, id: 'save', depends_on: ['fetch'] }],
      new Map([['there', { x: 80, y: 40 }]]),
      testCatalog,
    );
    expect(first?.position).toEqual({ x: 80, y: 184 });
    expect(second?.position?.x).toBeGreaterThan(80 + 240);
  });
});
