import { addressOf } from '#lib/client/request.ts';
import { fromWireEvent, type WireEvent } from '#lib/contracts/run-event.ts';
import { type Run, streamRun } from '#lib/contracts/runs.ts';
import { apply } from '#lib/engine/apply.ts';
import type { RunEvent, RunEventType } from '#lib/engine/events.ts';
import { initialState, type RunState } from '#lib/engine/state.ts';
import { compileGraph } from '#lib/workflow/graph.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';

/** Every event name; the compiler says when one is missing here. */
const EVENT_NAMES: Record<RunEventType, true> = {
  run_queued: true,
  run_started: true,
  step_called: true,
  step_started: true,
  step_completed: true,
  step_failed: true,
  step_retrying: true,
  step_skipped: true,
  step_cancelled: true,
  step_waiting: true,
  condition_evaluated: true,
  loop_opened: true,
  loop_stopping: true,
  step_log: true,
  step_progress: true,
  step_emitted: true,
  step_undoing: true,
  step_undone: true,
  run_pausing: true,
  run_paused: true,
  run_resumed: true,
  run_cancelling: true,
  run_rolling_back: true,
  run_reopened: true,
  run_forked: true,
  run_trial: true,
  run_completed: true,
  event_received: true,
  wait_examined: true,
};

/** Milliseconds until a stream that was answered with an error is asked for again. */
const RETRY_MS = 3_000;

export type Connection = 'connecting' | 'live' | 'lost' | 'ended';

/** A run as it stands now. A new object for every change; `state` is the same, changed in place (see `revision`). */
export interface FollowedRun {
  readonly state: RunState;
  readonly events: readonly RunEvent[];
  readonly connection: Connection;
  readonly revision: number;
}

export interface RunFollower {
  current(): FollowedRun;
  subscribe(listener: () => void): () => void;
  close(): void;
}

/**
 * Follows a run over its event stream and folds what comes with the engine's own `apply`. The browser's EventSource
 * reconnects by itself and names the last event it had, so nothing is lost or seen twice. Listeners are told at most
 * once a frame, however fast events come.
 */
export function followRun(run: Pick<Run, 'id' | 'definition'>, catalog: StepCatalog): RunFollower {
  const state = initialState(compileGraph(run.definition, catalog));
  const events: RunEvent[] = [];
  const listeners = new Set<() => void>();
  let connection: Connection = 'connecting';
  let now: FollowedRun = { state, events, connection, revision: 0 };
  let frame: number | null = null;

  const tell = () => {
    frame ??= requestAnimationFrame(() => {
      frame = null;
      now = { state, events, connection, revision: now.revision + 1 };
      for (const listener of listeners) listener();
    });
  };
  const take = (message: MessageEvent<string>) => {
    const event = fromWireEvent(JSON.parse(message.data) as WireEvent);
    if (event.seq <= state.seq) return;
    apply(state, event);
    events.push(event);
    connection = event.type === 'run_completed' ? 'ended' : 'live';
    tell();
  };

  let retry: ReturnType<typeof setTimeout> | undefined;
  let source = open();
  function open(): EventSource {
    const made = new EventSource(addressOf(streamRun, { params: { run_id: run.id }, query: state.seq > 0 ? { after: state.seq } : {} }));
    made.onopen = () => {
      if (connection !== 'ended') connection = 'live';
      tell();
    };
    made.onerror = () => {
      // The server closes the stream behind the last event; a closed stream before that is a lost connection.
      if (connection === 'ended') made.close();
      else {
        connection = 'lost';
        // The browser tries again by itself, except where something in between answered with an error.
        if (made.readyState === EventSource.CLOSED) {
          clearTimeout(retry);
          retry = setTimeout(() => {
            source = open();
          }, RETRY_MS);
        }
      }
      tell();
    };
    for (const name of Object.keys(EVENT_NAMES)) made.addEventListener(name, take);
    return made;
  }

  return {
    current: () => now,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      clearTimeout(retry);
      source.close();
      if (frame !== null) cancelAnimationFrame(frame);
      listeners.clear();
    },
  };
}
