import type { Log } from '#lib/base/log.ts';
import type { Flusher } from './flusher.ts';
import type { LongSteps } from './long-steps.ts';
import type { PreparedSteps } from './prepared-step.ts';
import type { MailReader } from './run-mail.ts';
import type { Slots } from './slots.ts';

/** What all runs of a worker share. */
export interface Runtime {
  readonly steps: PreparedSteps;
  /** Address of the built-in mock server. */
  readonly mockUrl: string;
  readonly fetch: typeof fetch;
  readonly flusher: Flusher;
  readonly longSteps: LongSteps;
  readonly slots: Slots;
  readonly mail: MailReader;
  readonly log: Log;
  /** Called once for each run that is no longer driven here. */
  onEnd(runId: string): void;
}

/** Sleeps that end within this many milliseconds stay in memory (their deadline is in the journal all the same). */
export const PARK_AFTER_MS = 30_000;
/** The same for a run that would hold a slot of its workflow's limit meanwhile. */
export const PARK_LIMITED_AFTER_MS = 1000;
/** Milliseconds that a step which was asked to stop may take before it is given up. */
export const CANCEL_GRACE_MS = 5000;
