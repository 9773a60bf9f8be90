import type { Json } from '#lib/base/json.ts';
import { nextWakeAt } from '#lib/engine/decide.ts';
import type { RunError, RunStatus } from '#lib/engine/events.ts';
import { progressOf } from '#lib/engine/progress.ts';
import { isFinal, type RunState } from '#lib/engine/state.ts';

/** The columns of a run's row that follow from its events. Times are milliseconds since the epoch. */
export interface RunHead {
  readonly status: RunStatus;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly output: Json;
  readonly error: RunError | null;
  readonly progress: number;
  readonly wakeAt: number | null;
  readonly deadline: number | null;
}

/** Projects a state. Output and error are shown once the run has ended, the wake time while it waits. */
export function headOf(state: RunState): RunHead {
  const final = isFinal(state.status);
  return {
    status: state.status,
    startedAt: state.startedAt,
    completedAt: final ? state.endedAt : null,
    output: final ? state.output : null,
    error: final ? state.error : null,
    progress: progressOf(state),
    wakeAt: state.status === 'waiting' ? nextWakeAt(state) : null,
    deadline: state.deadline,
  };
}
