import type { ShownStatus } from '#components/ui/status.ts';

/** What a run has done to one step, ready to be drawn. Times in milliseconds. */
export interface StepRunState {
  readonly status: ShownStatus;
  /** When the current or last attempt began; a running step's time ticks from here. */
  readonly startedAt: number | null;
  /** How long it took, once it has ended. */
  readonly duration: number | null;
  /** The cause in a few words; takes the place of the card's second line. */
  readonly error: string | null;
  /** When a waiting step goes on; null where it waits for no time. */
  readonly waitsUntil: number | null;
  /** Counts from 1; 0 before the first. */
  readonly attempt: number;
  /** Attempts that the retry rule allows. */
  readonly maxAttempts: number;
  /** How many entries its output has, where that is a list. */
  readonly items?: number | null;
  /** It is of the step as it was: the step or one before it has changed since. */
  readonly stale?: boolean;
  /** Satisfied and needed edges of an any or quorum join, to count on its badge. */
  readonly join?: { readonly met: number; readonly needed: number };
}

/** `open`: its step has not ended · `taken` · `not_taken`: another branch was · `missed`: its step failed or was skipped. */
export type EdgeRunState = 'open' | 'taken' | 'not_taken' | 'missed';

export interface RunOverlay {
  readonly kind: 'run';
  /** By step id; a step that is absent was not reached. */
  readonly steps: ReadonlyMap<string, StepRunState>;
  /** By `edgeKey`. */
  readonly edges: ReadonlyMap<string, EdgeRunState>;
  /** What is absent is not unreached but drawn as ever: an editor that shows the last results. */
  readonly partial?: boolean;
}

export type StepDiffState =
  | { readonly kind: 'added' }
  | { readonly kind: 'removed' }
  /** `fields` is the number of changed fields, shown on the tab. */
  | { readonly kind: 'changed'; readonly fields: number }
  | { readonly kind: 'rewired' }
  | { readonly kind: 'unchanged' };

export interface DiffOverlay {
  readonly kind: 'diff';
  /** By step id; a step that is absent counts as unchanged. Removed steps must be in the drawn definition too. */
  readonly steps: ReadonlyMap<string, StepDiffState>;
  /** By `edgeKey`. */
  readonly edges: ReadonlyMap<string, 'added' | 'removed'>;
}

/** A canvas shows a run or a difference, never both. */
export type Overlay = RunOverlay | DiffOverlay;

/** Identity of an edge on the canvas and in overlays; `>` can't stand in a step id, so the key is unambiguous. */
export function edgeKey(from: string, to: string, branch: string | null): string {
  return `${from}>${to}>${branch ?? ''}`;
}

/** The parts of an `edgeKey`, or null when the text is none. */
export function parseEdgeKey(key: string): { from: string; to: string; branch: string | null } | null {
  const [from, to, ...rest] = key.split('>');
  if (from === undefined || to === undefined || rest.length === 0) return null;
  return { from, to, branch: rest.join('>') || null };
}
