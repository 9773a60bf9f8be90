import { describe, expect, test } from 'vitest';
import type { Definition, Step } from './definition.ts';
import { applyEdit, type Edit } from './edit.ts';
import { edgesOf } from './edit-edges.ts';
import { mintStepId } from './remint-ids.ts';
import { testCatalog } from './test-catalog.ts';

function step(id: string, depends_on: Step['depends_on'] = [], more: Partial<Step> = {}): Step {
  return { id, type: 'transform', ...(depends_on.length > 0 ? { depends_on } : {}), ...more };
}
function workflow(steps: Step[], more: Partial<Definition> = {}): Definition {
  return { name: 'Test', steps, ...more };
}
function edited(definition: Definition, edit: Edit): Definition {
  const result = applyEdit(definition, edit, testCatalog);
  if (!result.ok) throw new Error(result.problems[0]?.message);
  return result.definition;
}
function refusal(definition: Definition, edit: Edit): string {
  const result = applyEdit(definition, edit, testCatalog);
  return result.ok ? 'accepted' : (result.problems[0]?.message ?? '');
}
/** `a>b` for each edge, `a!true>b` with a branch. */
function edges(definition: Definition): string {
  return edgesOf(definition)
    .map(({ from, to, branch }) => `${from}${branch === null ? '' : `!${branch}`}>${to}`)
    .join(' ');
}

// a → b → c, and b!error → d
const base = workflow([step('a'), step('b', ['a']), step('c', ['b']), step('d', [{ step: 'b', branch: 'error' }])]);

describe('steps', () => {
  test('added to an empty draft', () => {
    expect(edited(workflow([]), { kind: 'add_step', step: step('x') }).steps).toEqual([step('x')]);
  });

  test('put on an edge: it takes the edge over', () => {
    const next = edited(base, { kind: 'add_step', step: step('x'), on_edge: { from: 'b', to: 'd', branch: 'error' } });
    expect(edges(next)).toBe('a>b b>c x>d b!error>x');
    const decided = edited(base, {
      kind: 'add_step',
      step: step('x'),
      on_edge: { from: 'a', to: 'b', branch: null },
      out_branch: 'true',
      index: 1,
    });
    expect(edges(decided)).toBe('a>x x!true>b b>c b!error>d');
    expect(next.steps[0]).toBe(base.steps[0]);
  });

  test('removed: edges go, or lead around it', () => {
    expect(edges(edited(base, { kind: 'remove_steps', ids: ['b'] }))).toBe('');
    // What handled the error of b handles that of a now.
    expect(edges(edited(base, { kind: 'remove_steps', ids: ['b'], reconnect: true }))).toBe('a>c a!error>d');
    const diamond = workflow([step('a'), step('b', ['a']), step('c', ['a']), step('d', ['b', 'c']), step('e', ['d'])]);
    expect(edges(edited(diamond, { kind: 'remove_steps', ids: ['d', 'b'], reconnect: true }))).toBe('a>c c>e a>e');
  });

  test('removed with everything that names it', () => {
    const full = workflow(
      [
        step('a'),
        step('b', ['a'], { args_from: { x: 'a' }, context_from: ['a'] }),
        step('c', [], { fallback_step: 'a', on_error: 'fallback' }),
      ],
      {
        output: 'a',
        success_policy: { cases: [{ required: ['a'] }, { required: ['a', 'b'] }], optional: ['a'] },
        groups: [{ id: 'g', name: 'G', steps: ['a'] }],
      },
    );
    expect(edited(full, { kind: 'remove_steps', ids: ['a'] })).toEqual(
      workflow([step('b'), step('c')], { success_policy: { cases: [{ required: ['b'] }] } }),
    );
  });

  test('changed: null removes a key, the rest stays', () => {
    const next = edited(base, { kind: 'update_step', id: 'b', changes: { name: 'B', join: 'any', depends_on: null } });
    expect(next.steps[1]).toEqual({ id: 'b', type: 'transform', name: 'B', join: 'any' });
    expect(edited(next, { kind: 'update_step', id: 'b', changes: { name: 'B', timeout: null } })).toBe(next);
  });

  test('config fields, deep and in lists', () => {
    let now = edited(base, { kind: 'set_config_field', id: 'a', path: ['body', 'items', 0, 'x'], value: null });
    expect(now.steps[0]?.config).toEqual({ body: { items: [{ x: null }] } });
    now = edited(now, { kind: 'set_config_field', id: 'a', path: ['body', 'items', 1], value: 2 });
    now = edited(now, { kind: 'set_config_field', id: 'a', path: ['body', 'items', 0] });
    expect(now.steps[0]?.config).toEqual({ body: { items: [2] } });
    expect(edited(now, { kind: 'set_config_field', id: 'a', path: ['nope', 'x'] })).toBe(now);
    now = edited(now, { kind: 'set_config_field', id: 'a', path: ['body'] });
    expect(now.steps[0]?.config).toEqual({});
  });

  test('moved, and what stood still keeps its identity', () => {
    const next = edited(base, { kind: 'move_steps', positions: [{ id: 'c', position: { x: 1, y: 2 } }] });
    expect(next.steps[2]).toEqual({ ...base.steps[2], position: { x: 1, y: 2 } });
    expect(next.steps[1]).toBe(base.steps[1]);
    expect(edited(next, { kind: 'move_steps', positions: [{ id: 'c', position: { x: 1, y: 2 } }] })).toBe(next);
  });
});

describe('edges', () => {
  test('drawn, drawn again, taken away', () => {
    const next = edited(base, { kind: 'connect', edge: { from: 'a', to: 'c', branch: null } });
    expect(edges(next)).toBe('a>b b>c a>c b!error>d');
    expect(edited(next, { kind: 'connect', edge: { from: 'a', to: 'c', branch: null } })).toBe(next);
    expect(edited(next, { kind: 'disconnect', edges: [{ from: 'a', to: 'c', branch: null }] })).toEqual(base);
    expect(edited(base, { kind: 'disconnect', edges: [{ from: 'b', to: 'd', branch: null }] })).toBe(base);
    expect(
      edges(edited(base, { kind: 'reconnect', edge: { from: 'b', to: 'c', branch: null }, to: { from: 'a', to: 'c', branch: 'error' } })),
    ).toBe('a>b a!error>c b!error>d');
  });

  test.each<[string, Edit, string]>([
    ['a cycle', { kind: 'connect', edge: { from: 'b', to: 'a', branch: null } }, `Connecting 'b' to 'a' would make a cycle: b → a → b`],
    [
      'a longer cycle',
      { kind: 'connect', edge: { from: 'c', to: 'a', branch: null } },
      `Connecting 'c' to 'a' would make a cycle: c → a → b → c`,
    ],
    ['itself', { kind: 'connect', edge: { from: 'a', to: 'a', branch: null } }, `Connecting 'a' to 'a' would make a cycle: a → a`],
    ['a missing step', { kind: 'connect', edge: { from: 'a', to: 'x', branch: null } }, `Step 'x' doesn't exist`],
    ['a cycle by a field', { kind: 'update_step', id: 'a', changes: { depends_on: ['c'] } }, 'This would make a cycle: c → a → b → c'],
    ['a duplicate id', { kind: 'add_step', step: step('a') }, `There is already a step 'a'`],
    [
      'an edge that is not there',
      { kind: 'add_step', step: step('x'), on_edge: { from: 'a', to: 'c', branch: null } },
      `There is no edge from 'a' to 'c'`,
    ],
    ['a taken id', { kind: 'rename_step', id: 'a', to: 'b' }, `There is already a step 'b'`],
    ['a bad id', { kind: 'rename_step', id: 'a', to: 'x y' }, 'A step id holds letters, digits and _ - . : only'],
    ['a workflow without a name', { kind: 'update_workflow', changes: { name: null } }, 'A workflow needs a name'],
    ['a group of nothing', { kind: 'add_group', group: { id: 'g', name: 'G', steps: ['x'] } }, `Step 'x' doesn't exist`],
    [
      'half a batch',
      {
        kind: 'batch',
        edits: [
          { kind: 'remove_steps', ids: ['a'] },
          { kind: 'remove_steps', ids: ['a'] },
        ],
      },
      `Step 'a' doesn't exist`,
    ],
  ])('refused: %s', (_, edit, message) => {
    expect(refusal(base, edit)).toBe(message);
  });
});

describe('ids', () => {
  const full = workflow(
    [
      { id: 'fetch', type: 'http_request', config: { url: 'https://a.example' } },
      {
        id: 'check',
        type: 'condition',
        depends_on: ['fetch'],
        config: { cases: [{ name: 'ok', when: 'steps.fetch.status = "completed"' }] },
        args_from: { x: 'fetch' },
        context_from: ['fetch'],
        run_when: 'steps.fetch.output',
        undo: { type: 'http_request', config: { url: '{{ steps.fetch.output.url }}' } },
      },
      {
        id: 'code',
        type: 'script',
        depends_on: [{ step: 'fetch', branch: 'error' }],
        config: { code: 'print("{{ steps.fetch }}")' },
        fallback_step: 'fetch',
      },
      step('other'),
    ],
    {
      output: 'fetch',
      success_policy: { cases: [{ required: ['fetch'] }], optional: ['fetch'] },
      groups: [{ id: 'g', name: 'G', steps: ['fetch'] }],
    },
  );

  test('a rename reaches every reference, and nothing else', () => {
    const next = edited(full, { kind: 'rename_step', id: 'fetch', to: 'get-users' });
    expect(next).toEqual(
      workflow(
        [
          { id: 'get-users', type: 'http_request', config: { url: 'https://a.example' } },
          {
            id: 'check',
            type: 'condition',
            depends_on: ['get-users'],
            config: { cases: [{ name: 'ok', when: 'steps.`get-users`.status = "completed"' }] },
            args_from: { x: 'get-users' },
            context_from: ['get-users'],
            run_when: 'steps.`get-users`.output',
            undo: { type: 'http_request', config: { url: '{{ steps.`get-users`.output.url }}' } },
          },
          {
            id: 'code',
            type: 'script',
            depends_on: [{ step: 'get-users', branch: 'error' }],
            config: { code: 'print("{{ steps.fetch }}")' },
            fallback_step: 'get-users',
          },
          step('other'),
        ],
        {
          output: 'get-users',
          success_policy: { cases: [{ required: ['get-users'] }], optional: ['get-users'] },
          groups: [{ id: 'g', name: 'G', steps: ['get-users'] }],
        },
      ),
    );
    expect(next.steps[3]).toBe(full.steps[3]);
    expect(edited(next, { kind: 'rename_step', id: 'get-users', to: 'fetch' })).toEqual(full);
    expect(edited(full, { kind: 'rename_step', id: 'fetch', to: 'fetch' })).toBe(full);
  });

  test('pasted steps get ids of their own and keep what they say of one another', () => {
    const copied: Step[] = [step('b', ['a'], { position: { x: 0, y: 0 } }), step('c', ['b'], { config: { expression: 'steps.b.output' } })];
    const next = edited(base, { kind: 'paste', steps: copied, offset: { x: 10, y: 20 } });
    expect(next.steps.slice(4)).toEqual([
      step('b_2', [], { position: { x: 10, y: 20 } }),
      step('c_2', ['b_2'], { config: { expression: 'steps.b_2.output' } }),
    ]);
  });

  test('duplicates follow the same steps as their originals', () => {
    expect(edges(edited(base, { kind: 'duplicate', ids: ['b', 'c'] }))).toBe('a>b b>c b!error>d a>b_2 b_2>c_2');
  });

  test.each([
    ['Fetch users', 'fetch_users'],
    ['Übergröße 2', 'ubergro_e_2'],
    ['2nd', 'step_2nd'],
    ['and', 'step_and'],
    ['日本', 'step'],
    ['a', 'a_2'],
  ])('minted for %s', (name, id) => {
    expect(mintStepId(name, new Set(['a']))).toBe(id);
  });
});

describe('workflow, notes, groups', () => {
  test('fields of the workflow', () => {
    const next = edited(base, { kind: 'update_workflow', changes: { description: 'x', on_error: 'pause' } });
    expect(next).toEqual({ ...base, description: 'x', on_error: 'pause' });
    expect(edited(next, { kind: 'update_workflow', changes: { description: null, on_error: null } })).toEqual(base);
    expect(next.steps).toBe(base.steps);
  });
  test('notes and groups come and go', () => {
    const note = { id: 'n', text: 'x', position: { x: 0, y: 0 } };
    let now = edited(base, { kind: 'add_note', note });
    now = edited(now, { kind: 'update_note', id: 'n', changes: { text: 'y' } });
    now = edited(now, { kind: 'add_group', group: { id: 'g', name: 'G', steps: ['a'] } });
    now = edited(now, { kind: 'update_group', id: 'g', changes: { name: 'H' } });
    expect(now).toEqual({ ...base, notes: [{ ...note, text: 'y' }], groups: [{ id: 'g', name: 'H', steps: ['a'] }] });
    now = edited(now, { kind: 'remove_notes', ids: ['n'] });
    expect(edited(now, { kind: 'remove_groups', ids: ['g'] })).toEqual(base);
  });
  test('a batch that undoes itself is no change; so is a replacement by an equal', () => {
    const edge = { from: 'a', to: 'c', branch: null };
    expect(
      edited(base, {
        kind: 'batch',
        edits: [
          { kind: 'connect', edge },
          { kind: 'disconnect', edges: [edge] },
        ],
      }),
    ).toBe(base);
    expect(edited(base, { kind: 'replace', definition: structuredClone(base) })).toBe(base);
  });
});
