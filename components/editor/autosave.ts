import { jsonEqual } from '#lib/base/json.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { type MergeChoices, sharingSteps } from '#lib/workflow/merge.ts';
import { stepIndex } from '#lib/workflow/upstream.ts';

/**
 * Keeps the draft on the server equal to the document.
 *
 *     saved ──change──► dirty ──quiet for 600 ms──► saving ──ok──► saved (or dirty again)
 *       ▲                 ▲                            ├─no answer─► offline ──later or online──► saving
 *       │                 │                            ├─refused───► failed ──change──► dirty
 *       │                 │                            └─stale─┐
 *       └──nothing of mine┴──merged── the other draft is read ◄┴── told that there is another
 *                                          └─both changed the same─► conflict ──a side chosen──► saving
 */
export type SaveState = 'saved' | 'dirty' | 'saving' | 'offline' | 'conflict' | 'failed';

/** What became of one attempt to save. */
export type SaveResult =
  | { readonly kind: 'saved'; readonly revision: number }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'offline' }
  | { readonly kind: 'failed'; readonly message: string };

/** What is not on the server yet: enough to go on after the page is gone. */
export interface Unsaved {
  readonly revision: number;
  readonly base: Definition;
  readonly mine: Definition;
  /** Sent without an answer: the server may have them. */
  readonly unanswered: readonly Definition[];
}

interface OtherDraft {
  readonly definition: Definition;
  readonly revision: number;
}

export interface AutosaveOptions extends Omit<Unsaved, 'mine'> {
  readonly save: (definition: Definition, revision: number) => Promise<SaveResult>;
  /** The draft as the server has it; null where it can't be reached. */
  readonly read: () => Promise<OtherDraft | null>;
  /** Merges theirs into the document and its history; answers the document then, and whether both changed the same. */
  readonly take: (base: Definition, theirs: Definition, choices: MergeChoices | null) => { definition: Definition; conflict: boolean };
  readonly onState: (state: SaveState, message: string | null) => void;
  /** Keeps what is not saved where the page's end can't reach it; null once all is saved. */
  readonly keep: (unsaved: Unsaved | null) => void;
  /** Milliseconds without a change before saving. */
  readonly delay?: number;
}

export interface Autosave {
  /** The document changed. */
  readonly changed: (definition: Definition) => void;
  /** Saves at once what is not saved; resolves true when the server has all of it. */
  readonly flush: () => Promise<boolean>;
  /** The server has this revision: where it is another's, it is read and merged. */
  readonly noticed: (revision: number) => Promise<boolean>;
  /** After a conflict: what stands, by the conflicts' keys. */
  readonly resolve: (choices: MergeChoices) => Promise<boolean>;
  /** The server made this draft of the document (a new version). */
  readonly adopt: (definition: Definition, revision: number) => void;
  /** The revision that what is saved stands on. */
  readonly revision: () => number;
  readonly state: () => SaveState;
  readonly stop: () => void;
}

const DELAY_MS = 600;
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 30_000;

export function createAutosave(options: AutosaveOptions): Autosave {
  const delay = options.delay ?? DELAY_MS;
  let { revision, base: saved } = options;
  let unanswered = [...options.unanswered];
  let current = saved;
  let state: SaveState = 'saved';
  let retryIn = FIRST_RETRY_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<boolean> | null = null;
  /** The newest revision that was heard of. */
  let heard = revision;
  /** The other side of a conflict. */
  let other: OtherDraft | null = null;
  let taking = false;

  function enter(next: SaveState, message: string | null = null): void {
    state = next;
    options.onState(next, message);
    options.keep(current === saved ? null : { revision, base: saved, mine: current, unanswered });
  }

  function later(millis: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void attempt(), millis);
  }

  /** One request at a time: a change during it is saved by the next. */
  function run(job: () => Promise<boolean>): Promise<boolean> {
    clearTimeout(timer);
    running = job().finally(() => {
      running = null;
      if (isBehind() && state !== 'offline') void noticed(heard);
    });
    return running;
  }

  function isBehind(): boolean {
    return heard > (other?.revision ?? revision);
  }

  function attempt(): Promise<boolean> {
    if (state === 'conflict') return Promise.resolve(false);
    if (running !== null) return running.then(() => (current === saved ? true : attempt()));
    if (isBehind()) return run(catchUp);
    if (current === saved) {
      if (state !== 'saved') enter('saved');
      return Promise.resolve(true);
    }
    return run(() => send(current));
  }

  async function send(sent: Definition): Promise<boolean> {
    enter('saving');
    const result = await options.save(sent, revision);
    if (result.kind === 'saved') return nowSaved(sent, result.revision);
    if (result.kind === 'conflict') return catchUp();
    if (result.kind === 'offline') {
      // It may have arrived all the same; a few are enough, because each holds the ones before.
      unanswered = [...unanswered, sent].slice(-3);
      return goneOffline();
    }
    enter('failed', result.message);
    return false;
  }

  function nowSaved(definition: Definition, at: number): boolean {
    revision = at;
    heard = Math.max(heard, at);
    saved = definition;
    unanswered = [];
    retryIn = FIRST_RETRY_MS;
    enter(current === saved ? 'saved' : 'dirty');
    if (current !== saved) later(delay);
    return current === saved;
  }

  function goneOffline(): false {
    enter('offline');
    later(retryIn);
    retryIn = Math.min(LAST_RETRY_MS, retryIn * 2);
    return false;
  }

  async function catchUp(): Promise<boolean> {
    const found = await options.read();
    if (found === null) return goneOffline();
    heard = Math.max(heard, found.revision);
    if (found.revision <= revision) return attemptAfter();
    const landed = unanswered.find((sent) => jsonEqual(sent, found.definition));
    if (landed !== undefined) return nowSaved(landed, found.revision) || attemptAfter();
    saved = withLanded(saved, unanswered, found.definition);
    const theirs = sharingSteps(found.definition, saved);
    if (take(theirs, null)) {
      other = { definition: theirs, revision: found.revision };
      enter('conflict');
      return false;
    }
    return standsOn(theirs, found.revision);
  }

  function take(theirs: Definition, choices: MergeChoices | null): boolean {
    taking = true;
    const taken = options.take(saved, theirs, choices);
    taking = false;
    current = taken.definition;
    return taken.conflict;
  }

  /** The document was merged with theirs: what differs from it now is mine and still to be saved. */
  function standsOn(theirs: Definition, at: number): boolean {
    other = null;
    return nowSaved(jsonEqual(current, theirs) ? current : theirs, at) || attemptAfter();
  }

  function attemptAfter(): boolean {
    if (current === saved) {
      if (state !== 'saved') enter('saved');
      return true;
    }
    later(0);
    return false;
  }

  function noticed(at: number): Promise<boolean> {
    heard = Math.max(heard, at);
    if (running !== null) return running;
    return isBehind() ? run(catchUp) : Promise.resolve(current === saved);
  }

  return {
    changed(definition) {
      if (definition === current || taking) return;
      current = definition;
      if (state === 'conflict') options.keep({ revision, base: saved, mine: current, unanswered });
      else if (current === saved && running === null) {
        clearTimeout(timer);
        enter('saved');
      } else {
        enter(state === 'saving' || state === 'offline' ? state : 'dirty');
        if (running === null && state !== 'offline') later(delay);
      }
    },
    flush: attempt,
    noticed,
    async resolve(choices) {
      if (other === null) return attempt();
      const { definition, revision: at } = other;
      take(definition, choices);
      state = 'dirty';
      standsOn(definition, at);
      return attempt();
    },
    adopt(definition, at) {
      clearTimeout(timer);
      current = definition;
      other = null;
      nowSaved(definition, at);
    },
    revision: () => revision,
    state: () => state,
    stop: () => clearTimeout(timer),
  };
}

/**
 * Base with the new steps of sends that were never answered, where the other draft has them: they did arrive, and are
 * not somebody else's steps that happen to have the same ids.
 */
function withLanded(base: Definition, unanswered: readonly Definition[], theirs: Definition): Definition {
  let known = base;
  for (const sent of unanswered) {
    const landed = sent.steps.filter((step) => {
      const there = theirs.steps[stepIndex(theirs).get(step.id) ?? -1];
      return !stepIndex(known).has(step.id) && there?.type === step.type;
    });
    if (landed.length > 0) known = { ...known, steps: [...known.steps, ...landed] };
  }
  return known;
}
