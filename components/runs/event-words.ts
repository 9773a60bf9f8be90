import { formatDuration } from '#lib/base/duration.ts';
import { formatUpcoming } from '#lib/client/format.ts';
import { readText } from '#lib/engine/condition-words.ts';
import type { RunEvent, RunEventType } from '#lib/engine/events.ts';

/** What happened, in a word, for each type of event. */
export const EVENT_WORDS: Readonly<Record<RunEventType, string>> = {
  run_queued: 'Run queued',
  run_started: 'Run started',
  run_pausing: 'Run pausing',
  run_paused: 'Run paused',
  run_resumed: 'Run resumed',
  run_cancelling: 'Run cancelling',
  run_rolling_back: 'Run rolling back',
  run_reopened: 'Run reopened',
  event_received: 'Event received',
  run_forked: 'Run forked',
  run_trial: 'Test run',
  wait_examined: 'Looked at',
  run_completed: 'Run ended',
  step_called: 'Called',
  step_started: 'Started',
  step_completed: 'Completed',
  step_failed: 'Failed',
  step_retrying: 'Will retry',
  step_skipped: 'Skipped',
  step_cancelled: 'Cancelled',
  step_waiting: 'Waiting',
  condition_evaluated: 'Condition',
  loop_opened: 'Iterations begin',
  loop_stopping: 'Iterations stop',
  step_log: 'Log',
  step_progress: 'Progress',
  step_emitted: 'Emitted',
  step_undoing: 'Undoing',
  step_undone: 'Undone',
};

/** Why a step was skipped, as a sentence. */
export const SKIP_WORDS = {
  not_taken: 'No branch that leads here was taken.',
  upstream: 'A step before it failed or was skipped.',
  skip_when: 'Its skip condition was true.',
  run_when: 'Its run condition was false.',
  disabled: 'It is turned off.',
  not_in_test: 'It is not part of this test run.',
  cancelled: 'The run was cancelled before it started.',
} as const;

/** The rest of an event's line: what makes this one different from others of its type. */
export function eventDetail(event: RunEvent): string {
  switch (event.type) {
    case 'run_queued':
      return event.version === null ? `${event.trigger}, draft` : `${event.trigger}, v${event.version}`;
    case 'run_completed':
      return event.error === null ? event.status : `${event.status}: ${event.error.message}`;
    case 'step_completed':
      return [event.branch === undefined ? null : `→ ${event.branch}`, formatDuration(event.at - event.started_at)]
        .filter(Boolean)
        .join(' · ');
    case 'step_failed':
      return `${event.error.code}: ${event.error.message}`;
    case 'step_retrying':
      return `in ${formatDuration(event.retry_at - event.at)} after ${event.error.code}: ${event.error.message}`;
    case 'step_skipped':
      return SKIP_WORDS[event.reason];
    case 'step_waiting':
      return waitWords(event.kind, event.wake_at, event.at);
    case 'step_started':
      return event.attempt > 1 ? `attempt ${event.attempt}` : '';
    case 'condition_evaluated':
      if (event.error !== undefined) return `${event.condition}: ${event.error.message}`;
      return `${event.condition} is ${event.value}${event.read?.length ? `: ${readText(event.read)}` : ''}`;
    case 'step_log':
      return event.lines.join(' ⏎ ');
    case 'step_progress':
      return `${Math.round(event.progress * 100)} %`;
    case 'step_emitted':
      return `${event.name} ${JSON.stringify(event.data).slice(0, 200)}`;
    case 'wait_examined': {
      const what = event.event === null ? 'the condition' : `event ${event.event}`;
      return event.error === undefined ? `${what}: ${event.value ? 'fits' : 'does not fit'}` : `${what}: ${event.error.message}`;
    }
    case 'event_received':
      return event.event_type;
    case 'step_undone':
      return event.error?.message ?? '';
    case 'run_pausing':
    case 'run_paused':
    case 'run_cancelling':
      return event.reason;
    case 'run_reopened':
      return event.from_step === null ? event.kind : `from ${event.from_step}`;
    case 'run_trial':
      return event.target === null ? 'of the whole draft' : `to ${event.target}`;
    case 'run_forked':
      return event.from_step === null ? event.from_run : `from ${event.from_step} of ${event.from_run}`;
    default:
      return '';
  }
}

type WaitKind = Extract<RunEvent, { type: 'step_waiting' }>['kind'];

const AWAITED: Readonly<Record<WaitKind, string>> = {
  go_on: '',
  timer: '',
  event: 'for an event',
  condition: 'for its condition',
  approval: 'for a decision',
  child: 'for the run that it started',
  remote: 'for a worker of its queue',
  code: 'for what its code has asked for',
};

/** What a step waits for and until when; of a condition, when it is asked next. */
function waitWords(kind: WaitKind, wakeAt: number | null, since: number): string {
  const time = wakeAt === null ? '' : formatUpcoming(wakeAt, since);
  if (time === '') return AWAITED[kind];
  return [AWAITED[kind], kind === 'condition' ? `asked again at ${time}` : `until ${time}`].filter((part) => part !== '').join(', ');
}
