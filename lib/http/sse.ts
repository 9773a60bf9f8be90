import { toWireEvent } from '#lib/contracts/run-event.ts';
import type { RunEvent } from '#lib/engine/events.ts';

/** Milliseconds between comments that keep idle connections open through proxies. */
const HEARTBEAT = 15_000;

/** `no-transform` keeps proxies and Next from compressing, which would hold events back. */
export const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** Server-sent events of one run. What is already there goes in one chunk. */
export function eventStream(runId: string, events: AsyncIterable<readonly RunEvent[]>, signal: AbortSignal): ReadableStream<Uint8Array> {
  return frameStream(events, (batch) => framesOf(runId, batch), signal);
}

/** Server-sent events without numbers: a reader that comes back gets how things are then. */
export function stateStream(
  events: AsyncIterable<{ readonly event: string; readonly data: unknown }>,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  return frameStream(events, ({ event, data }) => ENCODER.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`), signal);
}

/**
 * Pulls one item at a time, so a slow reader holds back itself alone. Ends with the source; closes the source when the
 * reader leaves or `signal` fires.
 */
function frameStream<T>(events: AsyncIterable<T>, encode: (item: T) => Uint8Array, signal: AbortSignal): ReadableStream<Uint8Array> {
  const source = events[Symbol.asyncIterator]();
  let heartbeat: NodeJS.Timeout | undefined;
  const stop = () => {
    clearInterval(heartbeat);
    void source.return?.();
  };
  const end = () => {
    signal.removeEventListener('abort', stop);
    stop();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(ENCODER.encode(': open\n\n'));
      heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(ENCODER.encode(': still here\n\n'));
      }, HEARTBEAT);
      signal.addEventListener('abort', stop, { once: true });
    },
    async pull(controller) {
      const next = await source.next().catch((thrown: unknown) => {
        // The reader's connection is cut, so that it comes back and goes on where it was.
        end();
        throw thrown;
      });
      if (next.done) {
        end();
        controller.close();
        return;
      }
      controller.enqueue(encode(next.value));
    },
    cancel: end,
  });
}

const ENCODER = new TextEncoder();
/** By the batch: one that many readers of a run get is written once. */
const written = new WeakMap<readonly RunEvent[], Uint8Array>();

function framesOf(runId: string, events: readonly RunEvent[]): Uint8Array {
  const known = written.get(events);
  if (known !== undefined) return known;
  const bytes = ENCODER.encode(events.map((event) => frame(runId, event)).join(''));
  written.set(events, bytes);
  return bytes;
}

function frame(runId: string, event: RunEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(toWireEvent(runId, event))}\n\n`;
}
