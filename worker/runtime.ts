import type { Log } from '#lib/base/log.ts';
import type { WorkerLease } from '#lib/db/workers.ts';
import type { Graph } from '#lib/workflow/graph.ts';
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
  readonly lease: Pick<WorkerLease, 'whenHeld'>;
  readonly mail: MailReader;
  readonly log: Log;
  /** A run whose workers had died before has got on. */
  onProgress(runId: string): void;
  /** Called once for each run that is no longer driven here. */
  onEnd(runId: string): void;
}

/**
 * Sleeps that end within this many milliseconds stay in memory (their deadline is in the journal all the same). A run that
 * would hold a slot of its workflow's limit meanwhile is given back sooner.
 */
export function parkAfter(limited: boolean, { definition }: Graph): number {
  return limited && !definition.concurrency?.hold_while_waiting ? 1000 : 30_000;
}
/** A run of which a step runs elsewhere stays in memory (without a slot) until nothing was heard of it for so many milliseconds. */
export const REMOTE_QUIET_MS = 1000;
/** Milliseconds that a step which was asked to stop may take before it is given up. */
export const CANCEL_GRACE_MS = 5000;
