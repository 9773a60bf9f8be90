import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { CallKind } from '#lib/workflow/graph.ts';
import type { Asked } from './code-session.ts';
import { millis, moment, type StepOptions, stepSettings } from './step-options.ts';
import type { StepContext, StepEvent, Steps } from './workflow.ts';

/** How long `step.waitForEvent` waits where nothing is said. */
const WAIT_DEFAULT = '24 hours';

/**
 * What code is given to ask for steps. `isNext`: a replay has this step here, so it was in order when it was asked for (a
 * moment that lay ahead is past by now).
 */
export function codeSteps(ask: (name: string, asked: Asked) => Promise<unknown>, isNext: (kind: CallKind, name: string) => boolean): Steps {
  return Object.freeze({
    do: checked((name: string, second: StepOptions | Work, third?: Work) => {
      const work = typeof second === 'function' ? second : third;
      if (typeof work !== 'function') throw new TypeError(`The step '${name}' has no function`);
      return ask(name, { kind: 'do', settings: stepSettings(typeof second === 'function' ? {} : second), work });
    }) as Steps['do'],
    sleep: checked((name, duration) => {
      millis(duration, 'A sleep');
      return ask(name, { kind: 'sleep', for: duration }).then(() => undefined);
    }) satisfies Steps['sleep'],
    sleepUntil: checked((name, at) => {
      const until = isNext('sleep', name) ? new Date(at) : moment(at, Date.now());
      return ask(name, { kind: 'sleep', until: until.toISOString() }).then(() => undefined);
    }) satisfies Steps['sleepUntil'],
    waitForEvent: checked((name: string, { type, timeout = WAIT_DEFAULT }: { type: string; timeout?: number | string }) => {
      if (typeof type !== 'string' || type.length < 1 || type.length > 100) throw new RangeError('An event type has 1 to 100 characters');
      millis(timeout, 'timeout');
      return ask(name, { kind: 'wait', event_type: type, timeout }).then((output) => eventOf(type, output as Json));
    }) as Steps['waitForEvent'],
  });
}

type Work = (context: StepContext) => unknown;

/** What is wrong with what code asks for is thrown where it awaits it. */
function checked<Given extends unknown[], Answer>(ask: (...given: Given) => Promise<Answer>): (...given: Given) => Promise<Answer> {
  return (...given) => {
    let answer: Promise<Answer>;
    try {
      answer = ask(...given);
    } catch (thrown) {
      answer = Promise.reject(thrown);
    }
    // Code need not wait for each of its steps; it is not to die of one that it has forgotten.
    answer.catch(() => {});
    return answer;
  };
}

function eventOf(type: string, output: Json): StepEvent {
  const { payload = null, received_at: at = '' } = isJsonObject(output) ? output : {};
  return { type, payload, timestamp: String(at) };
}
