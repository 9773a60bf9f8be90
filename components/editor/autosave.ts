import type { Definition } from '#lib/workflow/definition.ts';

/**
 * Keeps the draft on the server equal to the document.
 *
 *     saved ──change──► dirty ──quiet for 600 ms──► saving ──ok──► saved (or dirty again)
 *                         ▲                            ├─no answer─► offline ──later or online──► saving
 *                         │                            ├─stale────► conflict ──keep mine / take theirs──► …
 *                         └────────────────────────────└─refused──► failed ──change──► dirty
 */
export type SaveState = 'saved' | 'dirty' | 'saving' | 'offline' | 'conflict' | 'failed';

/** What became of one attempt to save. */
export type SaveResult =
  | { readonly kind: 'saved'; readonly revision: number }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'offline' }
  | { readonly kind: 'failed'; readonly message: string };

interface AutosaveOptions {
  readonly revision: number;
  /** The definition that the server has. */
  readonly saved: Definition;
  readonly save: (definition: Definition, revision: number) => Promise<SaveResult>;
  readonly onState: (state: SaveState, message: string | null) => void;
  /** Milliseconds without a change before saving. */
  readonly delay?: number;
}

export interface Autosave {
  /** The document changed. */
  readonly changed: (definition: Definition) => void;
  /** Saves at once what is not saved; resolves true when the server has all of it. */
  readonly flush: () => Promise<boolean>;
  /** After a conflict: what is here wins over that revision. */
  readonly keepMine: (theirRevision: number) => Promise<boolean>;
  /** After a conflict: the document was replaced by theirs. */
  readonly tookTheirs: (definition: Definition, revision: number) => void;
  readonly stop: () => void;
}

const DELAY_MS = 600;
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 30_000;

export function createAutosave(options: AutosaveOptions): Autosave {
  const delay = options.delay ?? DELAY_MS;
  let { revision, saved } = options;
  let current = saved;
  let state: SaveState = 'saved';
  let retryIn = FIRST_RETRY_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<boolean> | null = null;

  function enter(next: SaveState, message: string | null = null): void {
    state = next;
    options.onState(next, message);
  }

  function later(millis: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void attempt(), millis);
  }

  /** One request at a time: a change during it is saved by the next. */
  function attempt(): Promise<boolean> {
    clearTimeout(timer);
    if (state === 'conflict') return Promise.resolve(false);
    if (running !== null) return running.then(() => (current === saved ? true : attempt()));
    if (current === saved) return Promise.resolve(true);
    const sent = current;
    enter('saving');
    running = options.save(sent, revision).then((result) => {
      running = null;
      return settle(sent, result);
    });
    return running;
  }

  function settle(sent: Definition, result: SaveResult): boolean {
    if (result.kind === 'saved') {
      revision = result.revision;
      saved = sent;
      retryIn = FIRST_RETRY_MS;
      enter(current === sent ? 'saved' : 'dirty');
      if (current !== sent) later(delay);
      return current === sent;
    }
    if (result.kind === 'offline') {
      enter('offline');
      later(retryIn);
      retryIn = Math.min(LAST_RETRY_MS, retryIn * 2);
    } else if (result.kind === 'conflict') enter('conflict');
    else enter('failed', result.message);
    return false;
  }

  return {
    changed(definition) {
      if (definition === current) return;
      current = definition;
      if (state === 'conflict') return;
      if (current === saved && running === null) {
        clearTimeout(timer);
        enter('saved');
        return;
      }
      if (state !== 'saving' && state !== 'offline') enter('dirty');
      if (running === null) later(delay);
    },
    flush: attempt,
    keepMine(theirRevision) {
      revision = theirRevision;
      state = 'dirty';
      return attempt();
    },
    tookTheirs(definition, theirRevision) {
      clearTimeout(timer);
      revision = theirRevision;
      current = definition;
      saved = definition;
      enter('saved');
    },
    stop: () => clearTimeout(timer),
  };
}
