import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '#lib/base/log.ts';
import { claimDeliveries } from '#lib/db/deliveries.ts';
import { type Sender, sendCallback } from './send-callback.ts';

/** Milliseconds between two looks; a delivery that its worker took and did not record for so long is taken again. */
const LOOK_MS = 500;
const HOLD_MS = 60_000;
/** Calls under way at the same time in one worker: a slow receiver must not hold up the others. */
const AT_ONCE = 20;
/** What is under way at a stop gets so long; the rest is sent again by whoever takes it. */
const LEAVE_MS = 1000;

/** Sends callbacks as they fall due. Every worker may; the database hands each out once. Answers how to end it. */
export function sendCallbacks(sender: Sender, log: Log): () => Promise<void> {
  const underWay = new Set<Promise<void>>();
  let stopped = false;
  let timer: NodeJS.Timeout;
  const look = async (): Promise<void> => {
    const free = AT_ONCE - underWay.size;
    const due = free > 0 ? await claimDeliveries(free, HOLD_MS) : [];
    for (const delivery of due) {
      const sending: Promise<void> = sendCallback(sender, delivery)
        .catch((error) => log.warn('A callback could not be recorded; it is sent again', { delivery: delivery.uuid, error }))
        .finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
  };
  const again = (): void => {
    timer = setTimeout(() => {
      look()
        .catch((error) => log.debug('Callbacks cannot be looked for', { error }))
        .finally(() => {
          if (!stopped) again();
        });
    }, LOOK_MS);
  };
  again();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await Promise.race([Promise.allSettled(underWay), delay(LEAVE_MS, undefined, { ref: false })]);
  };
}
