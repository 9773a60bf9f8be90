import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Definition, DraftDefinition, type Step } from './definition.ts';
import { applyEdit, type Edit } from './edit.ts';
import { mergeDefinitions, type Side } from './merge.ts';
import { testCatalog } from './test-catalog.ts';
import { componentsInOrder, stepsBefore } from './upstream.ts';

function step(id: string, depends_on: Step['depends_on'] = [], more: Partial<Step> = {}): Step {
  return { id, type: 'transform', ...(depends_on.length > 0 ? { depends_on } : {}), ...more };
}
function workflow(steps: Step[], more: Partial<Definition> = {}): Definition {
  return { name: 'Test', steps, ...more };
}
const base = workflow([
  step('a', [], { type: 'http_request', config: { url: 'https://a.example', method: 'GET' } }),
  step('b', ['a']),
  step('c', ['b'], { join: 'any' }),
]);
function edited(...edits: Edit[]): Definition {
  const result = applyEdit(base, { kind: 'batch', edits }, testCatalog);
  if (!result.ok) throw new Error(result.problems[0]?.message);
  return result.definition;
}
function merge(mine: Definition, theirs: Definition, choices: Record<string, Side> = {}) {
  return mergeDefinitions({ base, mine, theirs }, new Map(Object.entries(choices)), testCatalog);
}
const config = (id: string, key: string, value: string): Edit => ({ kind: 'set_config_field', id, path: [key], value });
const named = (id: string, name: string): Edit => ({ kind: 'update_step', id, changes: { name } });
const ids = (definition: Definition) => definition.steps.map((one) => one.id);
const byId = (definition: Definition, id: string) => definition.steps.find((one) => one.id === id);

describe('without a conflict', () => {
  test('changes of two fields of one step are both kept', () => {
    const merged = merge(edited(config('a', 'url', 'https://mine.example')), edited(config('a', 'method', 'POST')));
    expect(merged.conflicts).toEqual([]);
    expect(byId(merged.definition, 'a')?.config).toEqual({ url: 'https://mine.example', method: 'POST' });
  });

  test('an edge that one draws and one that the other cuts both count', () => {
    const mine = edited({ kind: 'connect', edge: { from: 'a', to: 'c', branch: null } });
    const theirs = edited({ kind: 'disconnect', edges: [{ from: 'b', to: 'c', branch: null }] });
    expect(byId(merge(mine, theirs).definition, 'c')?.depends_on).toEqual(['a']);
  });

  test('two new steps under one id are two steps, and what read mine still reads mine', () => {
    const mine = edited(
      { kind: 'add_step', step: step('new', ['a'], { name: 'Mine' }) },
      { kind: 'add_step', step: step('reader', ['new'], { config: { expression: 'steps.new.output' } }) },
    );
    const theirs = edited({ kind: 'add_step', step: step('new', ['b'], { name: 'Theirs' }) });
    const { definition, conflicts } = merge(mine, theirs);
    expect(conflicts).toEqual([]);
    expect(byId(definition, 'new')?.name).toBe('Theirs');
    expect(byId(definition, 'new_2')?.name).toBe('Mine');
    expect(byId(definition, 'reader')).toMatchObject({ depends_on: ['new_2'], config: { expression: 'steps.new_2.output' } });
  });

  test('a rename by one and a change by the other meet in one step', () => {
    const { definition, conflicts } = merge(edited({ kind: 'rename_step', id: 'a', to: 'fetch' }), edited(config('a', 'method', 'PUT')));
    expect(conflicts).toEqual([]);
    expect(ids(definition)).toEqual(['fetch', 'b', 'c']);
    expect(byId(definition, 'fetch')?.config?.method).toBe('PUT');
    expect(byId(definition, 'b')?.depends_on).toEqual(['fetch']);
  });

  test('a step that one removed and the other only moved is gone, with its edges', () => {
    const mine = edited({ kind: 'remove_steps', ids: ['b'] });
    const theirs = edited({ kind: 'move_steps', positions: [{ id: 'b', position: { x: 9, y: 9 } }] });
    const { definition, conflicts } = merge(mine, theirs);
    expect(conflicts).toEqual([]);
    expect(ids(definition)).toEqual(['a', 'c']);
    expect(byId(definition, 'c')?.depends_on).toBeUndefined();
  });

  test('notes, groups and settings of both are there; the same id of two notes is two notes', () => {
    const note = (text: string): Edit => ({ kind: 'add_note', note: { id: 'note', text, position: { x: 0, y: 0 } } });
    const mine = edited(note('mine'), { kind: 'update_workflow', changes: { description: 'D' } });
    const theirs = edited(note('theirs'), { kind: 'add_group', group: { id: 'g', name: 'G', steps: ['a'] } });
    const { definition, conflicts } = merge(mine, theirs);
    expect(conflicts).toEqual([]);
    expect(definition.notes?.map((one) => one.text).sort()).toEqual(['mine', 'theirs']);
    expect(definition).toMatchObject({ description: 'D', groups: [{ id: 'g' }] });
  });

  test('moves of one card on both sides are not asked about', () => {
    const move = (x: number) => edited({ kind: 'move_steps', positions: [{ id: 'a', position: { x, y: 0 } }] });
    const merged = merge(move(1), move(2));
    expect(merged.conflicts).toEqual([]);
    expect(byId(merged.definition, 'a')?.position).toEqual({ x: 1, y: 0 });
  });
});

describe('conflicts', () => {
  test('one field that both changed is asked about, by step, and the rest of the step is merged', () => {
    const mine = edited(config('a', 'url', 'https://mine.example'), named('a', 'Mine'));
    const theirs = edited(config('a', 'url', 'https://theirs.example'), config('a', 'method', 'POST'));
    const { conflicts } = merge(mine, theirs);
    expect(conflicts).toEqual([
      {
        key: 'steps/a',
        kind: 'step',
        id: 'a',
        removedBy: null,
        fields: [{ label: 'Config › url', base: 'https://a.example', mine: 'https://mine.example', theirs: 'https://theirs.example' }],
      },
    ]);
    const theirChoice = merge(mine, theirs, { 'steps/a': 'theirs' }).definition;
    expect(byId(theirChoice, 'a')).toMatchObject({ name: 'Mine', config: { url: 'https://theirs.example', method: 'POST' } });
    expect(byId(merge(mine, theirs).definition, 'a')?.config?.url).toBe('https://mine.example');
  });

  test('a step that one removed and the other changed: kept with its edges, or gone', () => {
    const mine = edited({ kind: 'remove_steps', ids: ['b'] });
    const theirs = edited(named('b', 'Better'));
    expect(merge(mine, theirs).conflicts).toMatchObject([
      { key: 'steps/b', removedBy: 'mine', fields: [{ label: 'Name', theirs: 'Better' }] },
    ]);
    expect(ids(merge(mine, theirs, { 'steps/b': 'mine' }).definition)).toEqual(['a', 'c']);
    const kept = merge(mine, theirs, { 'steps/b': 'theirs' }).definition;
    expect(ids(kept)).toEqual(['a', 'b', 'c']);
    expect(byId(kept, 'c')?.depends_on).toEqual(['b']);
  });

  test('a step that one removed and the other built on is asked about', () => {
    const theirs = edited({ kind: 'add_step', step: step('d', ['b']) });
    expect(merge(edited({ kind: 'remove_steps', ids: ['b'] }), theirs).conflicts).toMatchObject([{ key: 'steps/b', removedBy: 'mine' }]);
  });

  test('a join and its number are decided together', () => {
    const mine = edited({ kind: 'update_step', id: 'c', changes: { join: 'quorum', min_success: 1 } });
    const theirs = edited({ kind: 'update_step', id: 'c', changes: { join: 'all' } });
    expect(byId(merge(mine, theirs, { 'steps/c': 'theirs' }).definition, 'c')).toEqual(byId(theirs, 'c'));
    expect(byId(merge(mine, theirs, { 'steps/c': 'mine' }).definition, 'c')).toEqual(byId(mine, 'c'));
  });

  test('two types of one step are never mixed', () => {
    const mine = edited({ kind: 'update_step', id: 'a', changes: { type: 'wait', config: { duration: '5s' } } });
    const theirs = edited(config('a', 'method', 'POST'));
    const { definition, conflicts } = merge(mine, theirs, { 'steps/a': 'theirs' });
    expect(conflicts).toHaveLength(1);
    expect(byId(definition, 'a')).toMatchObject({ type: 'http_request', config: { method: 'POST' } });
  });

  test('two other ids of one step are asked about', () => {
    const mine = edited({ kind: 'rename_step', id: 'a', to: 'mine' });
    const theirs = edited({ kind: 'rename_step', id: 'a', to: 'theirs' }, named('c', 'C'));
    expect(merge(mine, theirs).conflicts).toMatchObject([
      { key: 'steps/mine', fields: [{ label: 'Id', base: 'a', mine: 'mine', theirs: 'theirs' }] },
    ]);
    expect(ids(merge(mine, theirs).definition)).toEqual(['mine', 'b', 'c']);
    const other = merge(mine, theirs, { 'steps/mine': 'theirs' }).definition;
    expect(ids(other)).toEqual(['theirs', 'b', 'c']);
    expect(byId(other, 'b')?.depends_on).toEqual(['theirs']);
  });

  test('edges that close a circle together stand as on one side', () => {
    const loose = workflow([step('a'), step('b'), step('c')]);
    const wire = (from: string, to: string) => {
      const result = applyEdit(loose, { kind: 'connect', edge: { from, to, branch: null } }, testCatalog);
      if (!result.ok) throw new Error('refused');
      return result.definition;
    };
    const three = { base: loose, mine: wire('a', 'b'), theirs: wire('b', 'a') };
    expect(mergeDefinitions(three).conflicts.map(({ key }) => key)).toEqual(['edges']);
    expect(mergeDefinitions(three).definition).toEqual(three.mine);
    expect(mergeDefinitions(three, new Map([['edges', 'theirs']])).definition).toEqual(three.theirs);
  });

  test('also where each waits for a step that only the other has', () => {
    const three = {
      base,
      mine: edited({ kind: 'add_step', step: step('d', ['e']) }),
      theirs: edited({ kind: 'add_step', step: step('e', ['d']) }),
    };
    const { definition, conflicts } = mergeDefinitions(three, new Map([['edges', 'theirs']]), testCatalog);
    expect(conflicts.map(({ key }) => key)).toEqual(['edges']);
    expect([byId(definition, 'd')?.depends_on, byId(definition, 'e')?.depends_on]).toEqual([['e'], undefined]);
  });

  test('settings of the workflow are one choice', () => {
    const rename = (name: string) => edited({ kind: 'update_workflow', changes: { name } });
    expect(merge(rename('M'), rename('T')).conflicts).toMatchObject([
      { key: 'workflow', fields: [{ label: 'Name', mine: 'M', theirs: 'T' }] },
    ]);
    expect(merge(rename('M'), rename('T'), { workflow: 'theirs' }).definition.name).toBe('T');
  });
});

describe('any two lines of edits', { timeout: 60_000 }, () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const edge = fc.record({ from: id, to: id, branch: fc.constantFrom(null, 'error') });
  const edit: fc.Arbitrary<Edit> = fc.oneof(
    fc.record({
      kind: fc.constant('add_step' as const),
      step: fc.tuple(id, id).map(([one, other]) => step(one, [other])),
      index: fc.nat(5),
    }),
    fc.record({ kind: fc.constant('remove_steps' as const), ids: fc.array(id, { maxLength: 2 }), reconnect: fc.boolean() }),
    fc.record({ kind: fc.constant('update_step' as const), id, changes: fc.record({ name: fc.constantFrom('x', 'y', null) }) }),
    fc.record({
      kind: fc.constant('set_config_field' as const),
      id,
      path: fc.constantFrom(['url'], ['q']),
      value: fc.constantFrom('1', '2'),
    }),
    fc.record({ kind: fc.constant('rename_step' as const), id, to: id }),
    fc.record({
      kind: fc.constant('move_steps' as const),
      positions: fc.array(fc.record({ id, position: fc.record({ x: fc.nat(3), y: fc.nat(3) }) }), { maxLength: 2 }),
    }),
    fc.record({ kind: fc.constant('connect' as const), edge }),
    fc.record({ kind: fc.constant('disconnect' as const), edges: fc.array(edge, { maxLength: 2 }) }),
    fc.record({
      kind: fc.constant('add_group' as const),
      group: fc.record({ id, name: fc.constantFrom('G', 'H'), steps: fc.uniqueArray(id, { maxLength: 2 }) }),
    }),
    fc.record({ kind: fc.constant('update_workflow' as const), changes: fc.record({ description: fc.constantFrom('p', 'q', null) }) }),
  );
  const line = fc.array(edit, { maxLength: 8 }).map((edits) =>
    edits.reduce((current, one) => {
      const result = applyEdit(current, one, testCatalog);
      return result.ok ? result.definition : current;
    }, base),
  );
  const chosen = fc.constantFrom<Side>('mine', 'theirs');

  function withChoices(mine: Definition, theirs: Definition, side: Side): Definition {
    const three = { base, mine, theirs };
    const { conflicts } = mergeDefinitions(three, new Map(), testCatalog);
    return mergeDefinitions(three, new Map([...conflicts.map(({ key }) => [key, side] as const), ['edges', side]]), testCatalog).definition;
  }

  test('give a draft that can be read, with unique ids and without a cycle, whatever is chosen', () => {
    fc.assert(
      fc.property(line, line, chosen, (mine, theirs, side) => {
        const merged = withChoices(mine, theirs, side);
        expect(DraftDefinition.safeParse(merged).error).toBeUndefined();
        expect(new Set(ids(merged)).size).toBe(merged.steps.length);
        expect(componentsInOrder(stepsBefore(merged)).every((members) => members.length === 1)).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  test('and one side that did nothing is the other side', () => {
    fc.assert(
      fc.property(line, (side) => {
        expect(mergeDefinitions({ base, mine: side, theirs: base }, new Map(), testCatalog)).toEqual({ definition: side, conflicts: [] });
        expect(mergeDefinitions({ base, mine: base, theirs: side }, new Map(), testCatalog)).toEqual({ definition: side, conflicts: [] });
        expect(mergeDefinitions({ base, mine: side, theirs: side }, new Map(), testCatalog)).toEqual({ definition: side, conflicts: [] });
      }),
      { numRuns: 300 },
    );
  });

  test('lose no edit: a field that mine alone changed is as mine has it, and likewise theirs', () => {
    // Ids stay, so that a step can be followed by its id.
    const fixed = fc
      .array(
        edit.filter(({ kind }) => !['rename_step', 'remove_steps', 'add_step', 'connect'].includes(kind)),
        { maxLength: 8 },
      )
      .map((edits) =>
        edits.reduce((current, one) => {
          const r = applyEdit(current, one, testCatalog);
          return r.ok ? r.definition : current;
        }, base),
      );
    fc.assert(
      fc.property(fixed, fixed, (mine, theirs) => {
        const merged = withChoices(mine, theirs, 'mine');
        for (const was of base.steps) {
          const [my, their, now] = [byId(mine, was.id), byId(theirs, was.id), byId(merged, was.id)];
          for (const read of [
            (one?: Step) => one?.name,
            (one?: Step) => one?.config?.url,
            (one?: Step) => one?.config?.q,
            (one?: Step) => JSON.stringify(one?.position),
          ]) {
            if (read(my) !== read(was)) expect(read(now)).toBe(read(my));
            else expect(read(now)).toBe(read(their));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('keep the order of steps that both sides kept in order', () => {
    fc.assert(
      fc.property(line, line, (mine, theirs) => {
        const merged = ids(withChoices(mine, theirs, 'mine'));
        const common = ids(base).filter((one) => merged.includes(one) && ids(mine).includes(one) && ids(theirs).includes(one));
        const inOrder = (list: string[]) => list.filter((one) => common.includes(one));
        if (inOrder(ids(mine)).join() === common.join() && inOrder(ids(theirs)).join() === common.join())
          expect(inOrder(merged)).toEqual(common);
      }),
      { numRuns: 500 },
    );
  });
});
