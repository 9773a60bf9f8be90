import type { Json } from '#lib/base/json.ts';

/**
 * What can reach a run from outside while a worker drives it. `receive` (in `receive.ts`) makes journal events of it.
 *
 * - `event`: an external event; payload `{ event_type, payload }`.
 * - `decision`: of an approval, with step and token; the payload is the output that its step gets, `decision` in it.
 * - `child`: a run that a step waits for has ended; payload see `childEnded`.
 * - `remote`: the worker that executes a step for the run reports; payload see `RemoteReport`, the token names the offer.
 */
export const MESSAGE_KINDS = ['event', 'decision', 'child', 'remote'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** A message as the owner of its run reads it. */
export interface Message {
  /** Counts the run's messages from 1; they are read in this order. */
  readonly place: number;
  readonly kind: MessageKind;
  /** The step key that it is for, null where it is for the run. */
  readonly step: string | null;
  /** Names the one wait that it answers; a wait that has been replaced meanwhile has another. */
  readonly token: string | null;
  readonly payload: Json;
}
