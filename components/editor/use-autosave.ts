import { useEffect, useMemo, useRef, useState } from 'react';
import { useSession } from '#components/shell/session.tsx';
import { toastInfo } from '#components/ui/toast.tsx';
import { jsonEqual } from '#lib/base/json.ts';
import { ApiError, request } from '#lib/client/request.ts';
import { type Draft, getDraft, saveDraft } from '#lib/contracts/workflows.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { type Merge, type MergeChoices, mergeDefinitions } from '#lib/workflow/merge.ts';
import { type Autosave, createAutosave, type SaveResult, type SaveState } from './autosave.ts';
import type { KeptEdits } from './kept-edits.ts';
import { forgetKept, keepEdits } from './kept-edits.ts';
import { mergedSentence } from './merged-sentence.ts';
import type { EditorStore } from './store.ts';

/** What both sides are, while somebody has to choose. */
export interface OpenConflict {
  readonly base: Definition;
  readonly theirs: Definition;
  readonly conflicts: Merge['conflicts'];
  readonly by: string;
  readonly at: string;
}

export interface DraftSaving {
  readonly state: SaveState;
  /** Why the server refused, where it did. */
  readonly message: string | null;
  readonly conflict: OpenConflict | null;
  /** Resolves true when the server has everything. */
  readonly flush: () => Promise<boolean>;
  /** The revision that what is saved stands on. */
  readonly revision: () => number;
  /** As `state`, but as it is now: for what goes on after a save that was waited for. */
  readonly stateNow: () => SaveState;
  /** The server has this revision: read and merge it where it is another's. */
  readonly noticed: (revision: number) => void;
  readonly resolve: (choices: MergeChoices) => void;
  /** A version was saved, which also made a new draft: go on from its revision. */
  readonly adopt: (draft: Draft) => void;
}

/** Saves the draft of an open editor by itself, also before the page goes away, and brings in what others save. */
export function useAutosave(store: EditorStore, draft: Draft, kept: KeptEdits | null): DraftSaving {
  const { workflowId, catalog } = store.getState();
  const session = useSession();
  const me = { id: session.user?.id ?? '', name: session.user?.name ?? '' };
  const [{ state, message }, setState] = useState<{ state: SaveState; message: string | null }>({ state: 'saved', message: null });
  const [conflict, setConflict] = useState<OpenConflict | null>(null);
  const first = useRef({ draft, kept, me });
  const { autosave, keeper } = useMemo(() => {
    const { draft: opened, kept: found, me: person } = first.current;
    const keeping = keepEdits(person.id, workflowId);
    let other: Draft = opened;
    const saving: Autosave = createAutosave({
      revision: found?.revision ?? opened.revision,
      base: found?.base ?? opened.definition,
      unanswered: found?.unanswered ?? [],
      save: (definition, revision) => saveOnce(workflowId, definition, revision),
      async read() {
        const read = await readOnce(workflowId);
        if (read !== null) other = read;
        return read;
      },
      take(base, theirs, choices) {
        const before = store.getState().history.present;
        const { conflicts } = mergeDefinitions({ base, mine: before, theirs }, choices ?? undefined, catalog);
        store.getState().rebase((mine) => mergeDefinitions({ base, mine, theirs }, choices ?? undefined, catalog).definition);
        const definition = store.getState().history.present;
        const open = choices === null && conflicts.length > 0;
        setConflict(open ? { base, theirs, conflicts, by: other.updated_by, at: other.updated_at } : null);
        if (choices === null && !open && definition !== before)
          toastInfo(mergedSentence(other.updated_by, person.name, before, definition, catalog));
        return { definition, conflict: open };
      },
      onState: (next, why) => setState({ state: next, message: why }),
      keep: keeping.keep,
    });
    return { autosave: saving, keeper: keeping };
  }, [store, workflowId, catalog]);

  useEffect(() => {
    const unsubscribe = store.subscribe((now) => autosave.changed(now.history.present));
    const { draft: opened, kept: found } = first.current;
    if (found !== null) {
      autosave.changed(store.getState().history.present);
      // Under this editor's own key first, so that they are kept at every moment.
      keeper.flush();
      void forgetKept(found.key);
      void autosave.noticed(opened.revision);
    }
    return () => {
      unsubscribe();
      keeper.flush();
      void autosave.flush();
    };
  }, [store, autosave, keeper]);
  useLeaving(autosave, keeper.flush, state !== 'saved');

  return {
    state,
    message,
    conflict,
    flush: autosave.flush,
    revision: autosave.revision,
    stateNow: autosave.state,
    noticed: (revision) => void autosave.noticed(revision),
    resolve: (choices) => void autosave.resolve(choices),
    adopt(made) {
      const { present } = store.getState().history;
      // What was changed meanwhile, here or elsewhere, is no part of what was saved.
      if (jsonEqual(present, made.definition)) autosave.adopt(present, made.revision);
      else void autosave.noticed(made.revision);
    },
  };
}

async function readOnce(id: string): Promise<Draft | null> {
  try {
    return await request(getDraft, { params: { id } });
  } catch (cause) {
    if (cause instanceof ApiError) return null;
    throw cause;
  }
}

async function saveOnce(id: string, definition: Definition, revision: number): Promise<SaveResult> {
  try {
    const saved = await request(saveDraft, { params: { id }, body: { definition, revision } });
    return { kind: 'saved', revision: saved.revision };
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause;
    if (cause.status === 0 || cause.status >= 500) return { kind: 'offline' };
    if (cause.status === 409) return { kind: 'conflict' };
    return { kind: 'failed', message: cause.details[0]?.message ?? cause.message };
  }
}

/** Saves when the tab is hidden or the line is back, and asks before a tab with unsaved work closes. */
function useLeaving(autosave: Autosave, keepNow: () => void, unsaved: boolean): void {
  useEffect(() => {
    const flush = () => void autosave.flush();
    const onHide = () => {
      if (document.visibilityState !== 'hidden') return;
      keepNow();
      flush();
    };
    window.addEventListener('online', flush);
    window.addEventListener('pagehide', keepNow);
    document.addEventListener('visibilitychange', onHide);
    return () => {
      window.removeEventListener('online', flush);
      window.removeEventListener('pagehide', keepNow);
      document.removeEventListener('visibilitychange', onHide);
    };
  }, [autosave, keepNow]);
  useEffect(() => {
    if (!unsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [unsaved]);
}
