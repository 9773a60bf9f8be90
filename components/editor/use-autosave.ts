import { useEffect, useMemo, useRef, useState } from 'react';
import { ApiError, request } from '#lib/client/request.ts';
import { type Draft, getDraft, saveDraft } from '#lib/contracts/workflows.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { type Autosave, createAutosave, type SaveResult, type SaveState } from './autosave.ts';
import type { EditorStore } from './store.ts';

export interface DraftSaving {
  readonly state: SaveState;
  /** Why the server refused, where it did. */
  readonly message: string | null;
  /** The other side of a conflict, once it has been read. */
  readonly theirs: Draft | null;
  /** Resolves true when the server has everything. */
  readonly flush: () => Promise<boolean>;
  readonly keepMine: () => void;
  readonly takeTheirs: () => void;
  /** A version was saved, which also made a new draft: go on from its revision. */
  readonly adopt: (draft: Draft) => void;
}

/** Saves the draft of an open editor by itself, also before the page goes away. */
export function useAutosave(store: EditorStore, draft: Draft): DraftSaving {
  const { workflowId } = store.getState();
  const [{ state, message }, setState] = useState<{ state: SaveState; message: string | null }>({ state: 'saved', message: null });
  const [theirs, setTheirs] = useState<Draft | null>(null);
  const first = useRef(draft);
  const autosave = useMemo<Autosave>(
    () =>
      createAutosave({
        revision: first.current.revision,
        saved: first.current.definition,
        save: (definition, revision) => saveOnce(workflowId, definition, revision),
        onState(next, why) {
          setState({ state: next, message: why });
          if (next === 'conflict') void request(getDraft, { params: { id: workflowId } }).then(setTheirs, () => undefined);
        },
      }),
    [workflowId],
  );
  useEffect(() => {
    const unsubscribe = store.subscribe((now) => autosave.changed(now.history.present));
    return () => {
      unsubscribe();
      void autosave.flush();
    };
  }, [store, autosave]);
  useLeaving(autosave, state !== 'saved');

  return {
    state,
    message,
    theirs,
    flush: autosave.flush,
    keepMine() {
      if (theirs === null) return;
      setTheirs(null);
      void autosave.keepMine(theirs.revision);
    },
    takeTheirs() {
      if (theirs === null) return;
      setTheirs(null);
      store.getState().dispatch({ kind: 'replace', definition: theirs.definition }, { label: 'Take the other draft', whole: true });
      autosave.tookTheirs(store.getState().history.present, theirs.revision);
    },
    adopt: (made) => autosave.tookTheirs(store.getState().history.present, made.revision),
  };
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
function useLeaving(autosave: Autosave, unsaved: boolean): void {
  useEffect(() => {
    const flush = () => void autosave.flush();
    const onHide = () => document.visibilityState === 'hidden' && flush();
    window.addEventListener('online', flush);
    document.addEventListener('visibilitychange', onHide);
    return () => {
      window.removeEventListener('online', flush);
      document.removeEventListener('visibilitychange', onHide);
    };
  }, [autosave]);
  useEffect(() => {
    if (!unsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [unsaved]);
}
