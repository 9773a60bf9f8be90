import { describe, expect, test } from 'vitest';
import type { Definition } from '#lib/workflow/definition.ts';
import { applyEdit } from '#lib/workflow/edit.ts';
import { testCatalog } from '#lib/workflow/test-catalog.ts';
import { type ImportPlace, importEdit, leftOut } from './import-edit.ts';

const step = (id: string, after: string[] = [], y = 0) => ({
  id,
  type: 'transform',
  config: { fields: { from: after.map((one) => `{{ steps.${one}.output }}`).join('') } },
  ...(after.length > 0 ? { depends_on: after } : {}),
  position: { x: 0, y },
});
const ORDERS: Definition = {
  name: 'Orders',
  timeout: '5m',
  steps: [step('fetch'), step('save', ['fetch'], 96)],
  notes: [{ id: 'why', text: 'From the shop', position: { x: 0, y: -96 } }],
  groups: [{ id: 'all', name: 'All', steps: ['fetch', 'save'] }],
};
const EMPTY: Definition = { name: 'Untitled', steps: [] };

function place(shown: Definition, more: Partial<ImportPlace> = {}): ImportPlace {
  const positions = new Map(shown.steps.map(({ id, position }) => [id, position ?? { x: 0, y: 0 }]));
  return { shown, inBody: false, positions, catalog: testCatalog, taken: new Set(shown.steps.map(({ id }) => id)), ...more };
}

function imported(definitions: Definition[], at: ImportPlace): Definition {
  const edit = importEdit(definitions, at);
  if (edit === null) throw new Error('Nothing to import');
  const result = applyEdit(at.shown, edit, testCatalog);
  if (!result.ok) throw new Error(result.problems[0]?.message);
  return result.definition;
}

describe('files on the canvas', () => {
  test('into an empty workflow, a file becomes the workflow', () => {
    expect(imported([ORDERS], place(EMPTY))).toEqual(ORDERS);
  });

  test('otherwise its steps come below, under fresh ids, and what names them follows', () => {
    const after = imported([ORDERS], place(ORDERS));
    expect(after.steps.map(({ id }) => id)).toEqual(['fetch', 'save', 'fetch_2', 'save_2']);
    const [, , fetch, save] = after.steps;
    expect(save?.depends_on).toEqual(['fetch_2']);
    expect(save?.config).toEqual({ fields: { from: '{{ steps.fetch_2.output }}' } });
    expect(fetch?.position?.y).toBeGreaterThan(96 + 56);
    expect(after.notes?.map(({ id }) => id)).toEqual(['why', 'why_2']);
    expect(after.groups?.[1]).toEqual({ id: 'all_2', name: 'All', steps: ['fetch_2', 'save_2'] });
    expect(after.timeout).toBe('5m');
    // The drawing keeps its shape: the note stands as far above the steps as before.
    expect((fetch?.position?.y ?? 0) - (after.notes?.[1]?.position.y ?? 0)).toBe(96);
  });

  test('several files are one edit, and none stands on another', () => {
    const after = imported([ORDERS, { ...ORDERS, name: 'Second' }], place(EMPTY));
    expect(after.name).toBe('Orders');
    expect(after.steps.map(({ id }) => id)).toEqual(['fetch', 'save', 'fetch_2', 'save_2']);
    const places = after.steps.map(({ position }) => `${position?.x} ${position?.y}`);
    expect(new Set(places).size).toBe(4);
  });

  test('into an open loop go the steps alone, and none under an id that is used elsewhere', () => {
    const body: Definition = { name: 'Orders', steps: [step('each')] };
    const after = imported([ORDERS], place(body, { inBody: true, taken: new Set(['each', 'fetch']) }));
    expect(after.steps.map(({ id }) => id)).toEqual(['each', 'fetch_2', 'save']);
    expect(after.notes).toBeUndefined();
  });

  test('nothing is left out in silence', () => {
    expect(leftOut({ ...ORDERS, output: 'save' })).toEqual(['output', 'timeout']);
    expect(importEdit([], place(EMPTY))).toBeNull();
  });
});
