import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Definition } from '#lib/workflow/definition.ts';
import { createAutosave, type SaveResult, type SaveState } from './autosave.ts';

const named = (name: string): Definition => ({ name, steps: [] });

function start(answers: readonly SaveResult[]) {
  const states: SaveState[] = [];
  const sent: { name: string; revision: number }[] = [];
  const saved = named('0');
  let call = 0;
  const autosave = createAutosave({
    revision: 1,
    saved,
    save: async (definition, revision) => {
      sent.push({ name: definition.name, revision });
      call += 1;
      return answers[call - 1] ?? { kind: 'saved', revision: revision + 1 };
    },
    onState: (state) => states.push(state),
  });
  return { autosave, states, sent, saved };
}

describe('autosave', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('saves once, when it has been quiet for 600 ms', async () => {
    const { autosave, sent, states } = start([]);
    autosave.changed(named('1'));
    await vi.advanceTimersByTimeAsync(500);
    autosave.changed(named('2'));
    await vi.advanceTimersByTimeAsync(599);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual([{ name: '2', revision: 1 }]);
    expect(states.at(-1)).toBe('saved');
  });

  it('goes on from the revision that the server gave', async () => {
    const { autosave, sent } = start([{ kind: 'saved', revision: 7 }]);
    autosave.changed(named('1'));
    await vi.advanceTimersByTimeAsync(600);
    autosave.changed(named('2'));
    await vi.advanceTimersByTimeAsync(600);
    expect(sent.map((each) => each.revision)).toEqual([1, 7]);
  });

  it('tries again without a server, ever more slowly, and at once when asked', async () => {
    const { autosave, sent, states } = start([{ kind: 'offline' }, { kind: 'offline' }]);
    autosave.changed(named('1'));
    await vi.advanceTimersByTimeAsync(600);
    expect(states.at(-1)).toBe('offline');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sent).toHaveLength(2);
    expect(await autosave.flush()).toBe(true);
    expect(states.at(-1)).toBe('saved');
  });

  it('stops at a conflict until a side is chosen', async () => {
    const { autosave, sent, states } = start([{ kind: 'conflict' }]);
    autosave.changed(named('mine'));
    await vi.advanceTimersByTimeAsync(600);
    expect(states.at(-1)).toBe('conflict');
    autosave.changed(named('mine 2'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(1);
    await autosave.keepMine(9);
    expect(sent[1]).toEqual({ name: 'mine 2', revision: 9 });
  });

  it('takes theirs without saving anything', async () => {
    const { autosave, sent, states } = start([{ kind: 'conflict' }]);
    autosave.changed(named('mine'));
    await vi.advanceTimersByTimeAsync(600);
    autosave.tookTheirs(named('theirs'), 9);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(1);
    expect(states.at(-1)).toBe('saved');
  });

  it('has nothing to save when a change was taken back', async () => {
    const { autosave, sent, saved } = start([]);
    autosave.changed(named('1'));
    autosave.changed(saved);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual([]);
  });
});
