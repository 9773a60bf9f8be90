import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Definition } from '#lib/workflow/definition.ts';
import { mergeDefinitions } from '#lib/workflow/merge.ts';
import { createAutosave, type SaveResult, type SaveState, type Unsaved } from './autosave.ts';

const named = (name: string, more: Partial<Definition> = {}): Definition => ({ name, steps: [], ...more });
type Draft = { definition: Definition; revision: number };

/** An editor of one document before a server that answers as it is told, and by itself holds to its revision. */
function start(answers: readonly SaveResult[], unanswered: Definition[] = []) {
  const states: SaveState[] = [];
  const sent: { name: string; revision: number }[] = [];
  const kept: (Unsaved | null)[] = [];
  const saved = named('0');
  const server: { draft: Draft; away: boolean } = { draft: { definition: saved, revision: 1 }, away: false };
  let document = saved;
  let call = 0;
  const autosave = createAutosave({
    revision: 1,
    base: saved,
    unanswered,
    save: async (definition, revision) => {
      sent.push({ name: definition.name, revision });
      call += 1;
      const told = answers[call - 1];
      if (told !== undefined) return told;
      if (revision !== server.draft.revision) return { kind: 'conflict' };
      server.draft = { definition, revision: revision + 1 };
      return { kind: 'saved', revision: revision + 1 };
    },
    read: async () => (server.away ? null : server.draft),
    take: (base, theirs, choices) => {
      const merged = mergeDefinitions({ base, mine: document, theirs }, choices ?? undefined);
      document = merged.definition;
      return { definition: document, conflict: choices === null && merged.conflicts.length > 0 };
    },
    onState: (state) => states.push(state),
    keep: (unsaved) => kept.push(unsaved),
  });
  const change = (definition: Definition) => {
    document = definition;
    autosave.changed(definition);
  };
  return { autosave, states, sent, saved, server, kept, change, document: () => document };
}

describe('autosave', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const quiet = () => vi.advanceTimersByTimeAsync(600);

  it('saves once, when it has been quiet for 600 ms', async () => {
    const { change, sent, states } = start([]);
    change(named('1'));
    await vi.advanceTimersByTimeAsync(500);
    change(named('2'));
    await vi.advanceTimersByTimeAsync(599);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual([{ name: '2', revision: 1 }]);
    expect(states.at(-1)).toBe('saved');
  });

  it('goes on from the revision that the server gave', async () => {
    const { change, sent } = start([{ kind: 'saved', revision: 7 }]);
    change(named('1'));
    await quiet();
    change(named('2'));
    await quiet();
    expect(sent.map((each) => each.revision)).toEqual([1, 7]);
  });

  it('tries again without a server, ever more slowly, and at once when asked', async () => {
    const { autosave, change, sent, states } = start([{ kind: 'offline' }, { kind: 'offline' }]);
    change(named('1'));
    await quiet();
    expect(states.at(-1)).toBe('offline');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sent).toHaveLength(2);
    expect(await autosave.flush()).toBe(true);
    expect(states.at(-1)).toBe('saved');
  });

  it('keeps what is not saved, with what it began as, until the server has it', async () => {
    const { change, kept, saved } = start([{ kind: 'offline' }]);
    change(named('1'));
    expect(kept.at(-1)).toEqual({ revision: 1, base: saved, mine: named('1'), unanswered: [] });
    await quiet();
    expect(kept.at(-1)?.unanswered).toEqual([named('1')]);
    change(named('2'));
    expect(kept.at(-1)?.mine).toEqual(named('2'));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(kept.at(-1)).toBeNull();
  });

  it('merges what somebody else saved and saves the whole, without asking', async () => {
    const { change, server, states, document } = start([]);
    server.draft = { definition: named('0', { description: 'theirs' }), revision: 2 };
    change(named('mine'));
    await quiet();
    await quiet();
    expect(document()).toEqual(named('mine', { description: 'theirs' }));
    expect(server.draft).toEqual({ definition: document(), revision: 3 });
    expect(states).not.toContain('conflict');
    expect(states.at(-1)).toBe('saved');
  });

  it('takes what somebody else saved as soon as it is told, and saves nothing of its own', async () => {
    const { autosave, server, sent, states, document } = start([]);
    server.draft = { definition: named('theirs'), revision: 2 };
    expect(await autosave.noticed(2)).toBe(true);
    expect(document().name).toBe('theirs');
    expect([sent, states.at(-1)]).toEqual([[], 'saved']);
  });

  it('is not misled by word of its own save', async () => {
    const { autosave, change, sent, server } = start([]);
    change(named('1'));
    vi.advanceTimersByTime(600);
    const told = autosave.noticed(2);
    await told;
    await quiet();
    expect([sent.length, server.draft.revision]).toEqual([1, 2]);
  });

  it('stops where both changed the same, keeps on keeping, and goes on with the side that is chosen', async () => {
    const { autosave, change, server, sent, states, kept, document } = start([]);
    server.draft = { definition: named('theirs', { description: 'theirs' }), revision: 2 };
    change(named('mine'));
    await quiet();
    expect(states.at(-1)).toBe('conflict');
    // What is no conflict is merged at once.
    expect(document()).toEqual(named('mine', { description: 'theirs' }));
    change({ ...document(), timeout: '5m' });
    expect(kept.at(-1)?.mine.timeout).toBe('5m');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(1);
    expect(await autosave.resolve(new Map([['workflow', 'theirs']]))).toBe(true);
    expect(server.draft).toEqual({ definition: named('theirs', { description: 'theirs', timeout: '5m' }), revision: 3 });
  });

  it('follows the other side while a conflict is open', async () => {
    const { autosave, change, server } = start([]);
    server.draft = { definition: named('theirs'), revision: 2 };
    change(named('mine'));
    await quiet();
    server.draft = { definition: named('theirs', { description: 'later' }), revision: 3 };
    await autosave.noticed(3);
    expect(await autosave.resolve(new Map())).toBe(true);
    expect(server.draft).toEqual({ definition: named('mine', { description: 'later' }), revision: 4 });
  });

  it('knows its own save again whose answer was lost', async () => {
    const { change, server, states, sent } = start([{ kind: 'offline' }]);
    change(named('1'));
    await quiet();
    server.draft = { definition: named('1'), revision: 2 };
    await vi.advanceTimersByTimeAsync(2_000);
    expect(states.at(-1)).toBe('saved');
    expect(sent.map(({ revision }) => revision)).toEqual([1, 1]);
  });

  it('does not double a step that arrived with a save whose answer was lost', async () => {
    const step = { id: 'a', type: 'transform' };
    const { change, server, document } = start([{ kind: 'offline' }]);
    change(named('0', { steps: [step] }));
    await quiet();
    server.draft = { definition: named('0', { steps: [step], description: 'theirs' }), revision: 3 };
    change(named('0', { steps: [{ ...step, name: 'More' }] }));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(document()).toEqual(named('0', { steps: [{ ...step, name: 'More' }], description: 'theirs' }));
    expect(server.draft.definition).toEqual(document());
  });

  it('hears of another draft only once the server can be reached again', async () => {
    const { autosave, server, document, states } = start([]);
    server.away = true;
    server.draft = { definition: named('theirs'), revision: 2 };
    expect(await autosave.noticed(2)).toBe(false);
    expect(states.at(-1)).toBe('offline');
    server.away = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect([document().name, states.at(-1)]).toEqual(['theirs', 'saved']);
  });

  it('has nothing to save when a change was taken back', async () => {
    const { change, sent, saved } = start([]);
    change(named('1'));
    change(saved);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual([]);
  });
});
