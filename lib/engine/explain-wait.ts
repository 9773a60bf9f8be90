import { formatDuration } from '#lib/base/duration.ts';
import { isJsonObject, type JsonObject } from '#lib/base/json.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { callsOf } from './called-steps.ts';
import { expressionText } from './condition-words.ts';
import { list, stopped } from './list-words.ts';
import { isSettled } from './readiness.ts';
import type { Scope, StepState, Waiting } from './state.ts';

/** What a waiting step waits for, in one sentence or two. `timeText` writes a time for the reader. */
export function waitingSentence(scope: Scope, step: GraphStep, at: StepState, timeText: (millis: number) => string): string {
  const { waiting } = at;
  if (waiting === null) return 'Waits.';
  if (scope.root.status !== 'paused' || waiting.kind === 'go_on') return sentenceOf(scope, step, at, waiting, timeText);
  // What it was to wait until moves on when the run is resumed.
  return waiting.wakeAt === null
    ? sentenceOf(scope, step, at, waiting, timeText)
    : `${sentenceOf(scope, step, at, { ...waiting, wakeAt: null }, null)} Its time stands still while the run is paused.`;
}

/** `timeText` null: say no times. */
function sentenceOf(scope: Scope, step: GraphStep, at: StepState, waiting: Waiting, timeText: ((millis: number) => string) | null): string {
  const { root } = scope;
  const data = isJsonObject(waiting.data) ? waiting.data : {};
  const until = waiting.wakeAt === null || timeText === null ? '' : ` until ${timeText(waiting.wakeAt)}`;
  switch (waiting.kind) {
    case 'go_on':
      return 'About to go on: what it waited for has come.';
    case 'retry':
      return retrySentence(step, at, waiting, timeText);
    case 'event':
      return eventSentence(data, waiting, until, root.eventsReceived);
    case 'approval':
      return `Waits for a decision${by(data)}${until}.`;
    case 'condition':
      return conditionSentence(data, timeText);
    case 'child':
      return typeof data.run_id === 'string'
        ? `Waits for the end of ${data.run_id}, the run that it started${until}.`
        : 'Waits for the run that it started.';
    case 'code':
      return codeSentence(scope, step);
    default:
      return `Waits${until}.`;
  }
}

function codeSentence(scope: Scope, step: GraphStep): string {
  if (step.call !== null) return `Waits for the code of ${scope.graph.steps[step.call.by]?.id ?? ''} to take it up again.`;
  const open = callsOf(scope, step.index).filter(({ index }) => !isSettled(scope.steps[index]?.status ?? 'pending'));
  return `Its code waits for ${list(open.map((one) => one.id))}; no process is held meanwhile.`;
}

function retrySentence(step: GraphStep, at: StepState, { wakeAt }: Waiting, timeText: ((millis: number) => string) | null): string {
  const cause = at.error === null ? '' : `: ${at.error.message}`;
  const when = wakeAt === null || timeText === null ? '' : ` at ${timeText(wakeAt)}`;
  return `${stopped(`Attempt ${at.attempt} failed${cause}`)} The next one begins${when}; ${at.retries} of ${step.retry.maxAttempts - 1} retries are used up by then.`;
}

function eventSentence(data: JsonObject, { judged }: Waiting, until: string, received: number): string {
  const type = typeof data.event_type === 'string' ? ` of the type '${data.event_type}'` : '';
  const match = typeof data.match === 'string' ? ` that fits ${expressionText(data.match)}` : '';
  const looked = judged === undefined || received === 0 ? '' : ' The last one that came did not fit.';
  return `Waits for an event${type}${match}${until}.${looked}`;
}

function by({ approvers }: JsonObject): string {
  const names = Array.isArray(approvers) ? approvers.filter((one) => typeof one === 'string') : [];
  return names.length === 0 ? '' : ` by ${list(names, 'or')}`;
}

function conditionSentence({ condition, every, until }: JsonObject, timeText: ((millis: number) => string) | null): string {
  const asked = typeof condition === 'string' ? `: ${expressionText(condition)}` : '';
  const often =
    typeof every === 'number'
      ? ` It is asked every ${every < 60_000 ? `${every / 1000} s` : formatDuration(every)}`
      : ' It is asked again and again';
  const limit = typeof until === 'number' && timeText !== null ? `, until ${timeText(until)} at the latest` : '';
  return `${stopped(`Waits until its condition holds${asked}`)}${often}${limit}.`;
}
