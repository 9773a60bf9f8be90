import { isoTime, type TimeText } from './explain.ts';
import { cancelReason } from './explain-stop.ts';
import { list, stopped } from './list-words.ts';
import { handlesFailure } from './readiness.ts';
import { keyOf } from './scope.ts';
import { type RunState, scopesOf } from './state.ts';
import { undoOutcome } from './undo.ts';

/** What only the database tells of a run that nobody drives. */
export interface QueuePlace {
  readonly queue: string;
  /** Some live worker serves its queue. */
  readonly served: boolean;
  /** Runs that are taken before it. */
  readonly ahead: number;
  /** The limit that keeps it back; null where none does. */
  readonly limit: { readonly max: number; readonly key: string | null } | null;
}

/** Why the run is queued, waits, is paused, or ended as it did: in a few sentences. `place` null: not known, or it is driven. */
export function explainRun(state: RunState, place: QueuePlace | null = null, timeText: TimeText = isoTime): string {
  switch (state.status) {
    case 'queued':
      return queuedSentence(place);
    case 'running':
      return runningSentence(state);
    case 'waiting':
      return place?.limit == null ? waitingSentence(state) : `Could go on and ${limitSentence(place.limit, false)}`;
    case 'pausing':
      return `Is pausing${pauseCause(state)} and waits for ${list(keysOf(state, 'running'))} to end.`;
    case 'paused':
      return `${state.startedAt === null ? 'Is held back before it began' : 'Is paused'}${since(state, timeText)}${pauseCause(state)}. Resume it to go on.`;
    case 'rolling_back':
      return `Undoes what its steps did, ${state.cancel === null ? 'because it failed' : cancelReason(state)}: next is ${state.undoing.at(-1) ?? 'nothing'}, ${state.undoing.length} to go.`;
    case 'completed':
      return completedSentence(state);
    case 'failed':
      return failedSentence(state) + undoSentence(state);
    case 'cancelled':
      return cancelledSentence(state) + undoSentence(state);
  }
}

function queuedSentence(place: QueuePlace | null): string {
  if (place === null) return 'Waits for a worker to take it.';
  const { queue, served, ahead, limit } = place;
  if (limit !== null) return limitSentence(limit, true);
  if (!served) return `Waits for a worker that serves the queue '${queue}'; none is alive.`;
  const behind = ahead === 0 ? 'it is next' : `${ahead} ${ahead === 1 ? 'run goes' : 'runs go'} first`;
  return `Waits for a worker of the queue '${queue}' to have room; ${behind}.`;
}

function limitSentence({ max, key }: NonNullable<QueuePlace['limit']>, first: boolean): string {
  const of = key === null ? 'of this workflow' : `with the key '${key}'`;
  return `${first ? 'Waits' : 'waits'} for a free slot of its limit: ${max} ${max === 1 ? 'run' : 'runs'} ${of} may be under way at the same time.`;
}

function runningSentence(state: RunState): string {
  const running = keysOf(state, 'running');
  if (state.cancel !== null) {
    return running.length === 0
      ? `Is ending, ${cancelReason(state)}.`
      : `Is ending, ${cancelReason(state)}: waits for ${list(running)} to stop.`;
  }
  const waiting = keysOf(state, 'waiting');
  if (running.length > 0)
    return `Runs ${list(running)}${waiting.length === 0 ? '' : `, while ${list(waiting)} ${waiting.length === 1 ? 'waits' : 'wait'}`}.`;
  return 'Is under way: the next steps are about to start.';
}

function waitingSentence(state: RunState): string {
  const waiting = [...keysOf(state, 'waiting'), ...keysOf(state, 'queued')];
  return `Waits, and takes up no worker: ${list(waiting)} ${waiting.length === 1 ? 'is' : 'are'} waiting for something to come.`;
}

/** Keys of the steps that are in this status, those that iterate only where nothing in their iterations is. */
function keysOf(state: RunState, status: 'running' | 'waiting' | 'queued'): string[] {
  const found: string[] = [];
  for (const scope of scopesOf(state)) {
    for (const [index, at] of scope.steps.entries()) {
      const outer = at.loop !== null && at.loop.open > 0;
      if (at.status === status && !outer) found.push(keyOf(scope, index));
    }
  }
  return found;
}

function pauseCause(state: RunState): string {
  if (state.pause?.reason !== 'error') return ' on request';
  const cause = state.error === null ? '' : `: ${state.error.step ?? 'a step'} failed with ${state.error.message.replace(/\.$/, '')}`;
  return ` because of an error (on_error: pause)${cause}`;
}

function since({ pause }: RunState, timeText: TimeText): string {
  return pause === null ? '' : ` since ${timeText(pause.since)}`;
}

function completedSentence(state: RunState): string {
  if (state.graph.definition.success_policy !== undefined) return 'Completed: all steps of one case of its success policy did.';
  const handled = state.graph.steps.filter((step) => state.steps[step.index]?.status === 'failed' && handlesFailure(step));
  if (handled.length === 0) return 'Completed: no step failed.';
  return `Completed although ${list(handled.map((step) => step.id))} failed: the workflow says what to do then.`;
}

function failedSentence({ error, graph }: RunState): string {
  if (error === null) return 'Failed.';
  const policy = graph.definition.success_policy === undefined ? '' : ', and no case of its success policy is met';
  if (error.step === undefined) return stopped(`Failed: ${error.message}`);
  return stopped(`Failed because the step ${error.step} did${policy}: ${error.message}`);
}

function cancelledSentence(state: RunState): string {
  const { cancel, error } = state;
  // Its limit ended it before it began, or a worker gave it up.
  if (cancel === null) return error === null ? 'Was cancelled.' : stopped(`Was cancelled: ${error.message}`);
  const reason = cancel.reason === 'request' ? 'on request' : cancelReason(state);
  return `Was cancelled ${reason}.`;
}

function undoSentence(state: RunState): string {
  switch (undoOutcome(state)) {
    case 'complete':
      return ' What its steps had done was undone.';
    case 'failed':
      return ' Undoing what its steps had done did not succeed to the end.';
    default:
      return '';
  }
}
