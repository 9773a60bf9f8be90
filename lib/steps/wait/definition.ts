import { z } from 'zod';
import { parseDuration } from '#lib/base/duration.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { Duration } from '#lib/workflow/definition.ts';
import { type StepDefinition, type StepOutline, stepConfig } from '#lib/workflow/step-type.ts';
import { shortExpression, shortLine } from '../card-line.ts';
import { field } from '../field.ts';

/** Names of events: what senders put into the path. */
export const EventType = z.string().min(1, 'An event type has 1 to 100 characters').max(100, 'An event type has 1 to 100 characters');
/** How long a wait for an event is where the step says nothing. */
export const DEFAULT_EVENT_TIMEOUT = '24h';
/** Seconds between two looks at a condition, and the least. */
export const DEFAULT_INTERVAL = '1m';
export const MIN_INTERVAL_MS = 1000;

const Expression = z.string().trim().min(1, 'Must be an expression').max(10_000);
/** What excludes each other, and what goes only with some of them. */
const WAYS = ['duration', 'until', 'event_type', 'condition'] as const;
const GOES_WITH: Readonly<Record<string, readonly string[]>> = {
  match: ['event_type'],
  timeout: ['event_type', 'condition'],
  interval: ['condition'],
};

const built = stepConfig((value) =>
  z.strictObject({
    duration: field(value(Duration).optional(), {
      title: 'Time',
      description: 'How long: a number of seconds, or text such as 500ms, 30s, 10 minutes, 2 days. At most 365 days.',
      examples: ['5m', 30, '{{ input.delay }}'],
      widget: 'duration',
      choice: 'Wait for',
    }),
    until: field(value(z.iso.datetime({ offset: true, error: 'Must be a time with a zone, such as 2027-01-01T09:00:00Z' })).optional(), {
      title: 'Moment',
      description: 'A time with a zone, at most 365 days ahead. One that has passed is an error.',
      examples: ['2027-01-01T09:00:00Z', '{{ input.start_at }}'],
      choice: 'Wait for',
    }),
    event_type: field(value(EventType).optional(), {
      title: 'Event',
      description: 'The type of an event that somebody sends to the run: POST …/runs/{id}/events/{type}, or a hook of the workflow.',
      examples: ['payment.received', 'order-{{ input.order }}'],
      choice: 'Wait for',
    }),
    condition: field(Expression.optional(), {
      title: 'Condition',
      description:
        'Asked again and again until it holds. It sees every step of the workflow, also those on other paths, and the present time.',
      examples: ['steps.deploy.status = "completed"', '$millis() > $toMillis(input.not_before)'],
      widget: 'expression',
      choice: 'Wait for',
    }),
    match: field(Expression.optional(), {
      title: 'That matches',
      description: 'Only an event for which this holds; `event` is its payload. Others stay for waits that want them.',
      examples: ['event.order_id = input.order_id'],
      widget: 'expression',
      showWhen: { anyOf: ['event_type'] },
    }),
    interval: field(value(Duration).optional(), {
      title: 'Ask every',
      description: `Time between two looks at the condition, at least 1 s. Without it ${DEFAULT_INTERVAL}.`,
      examples: ['30s', '5m'],
      widget: 'duration',
      showWhen: { anyOf: ['condition'] },
    }),
    timeout: field(value(Duration).optional(), {
      title: 'Give up after',
      description: `Then the run goes on at the timeout branch; where there is none, the step fails. An event is awaited for ${DEFAULT_EVENT_TIMEOUT} where nothing is said here, a condition without end.`,
      examples: ['1h', '3 days'],
      widget: 'duration',
      showWhen: { anyOf: ['event_type', 'condition'] },
    }),
  }),
);

type Values = z.infer<typeof built.resolved>;

function checkWays(values: Values, context: z.RefinementCtx, message: string): void {
  const chosen = WAYS.filter((way) => values[way] !== undefined);
  if (chosen.length !== 1) context.addIssue({ code: 'custom', message, path: ['duration'] });
  for (const [key, ways] of Object.entries(GOES_WITH)) {
    if (values[key as keyof Values] === undefined || chosen.length !== 1 || ways.includes(chosen[0] ?? '')) continue;
    context.addIssue({ code: 'custom', message: `Goes with ${ways.join(' or ')} only`, path: [key] });
  }
}

/** What a template comes to is known in the run only, and is held to the least there. */
function checkInterval({ interval }: Values, context: z.RefinementCtx): void {
  if ((parseDuration(interval) ?? MIN_INTERVAL_MS) >= MIN_INTERVAL_MS) return;
  context.addIssue({ code: 'custom', message: 'A condition is asked every second at most: at least 1s', path: ['interval'] });
}

const drawn = (built.drawn as unknown as typeof built.resolved).superRefine((values, context) => {
  checkWays(values, context, 'A wait needs exactly one of a duration, a time, an event or a condition');
  checkInterval(values, context);
});
const resolved = built.resolved.superRefine((values, context) =>
  checkWays(values, context, 'The duration, the time, or the event type has no value'),
);

export type WaitConfig = z.infer<typeof resolved>;

function cardLine({ duration, until, event_type: event, condition }: JsonObject): string {
  if (event !== undefined) return shortLine(`event ${shortExpression(event)}`);
  if (condition !== undefined) return shortLine(`until ${shortExpression(condition)}`);
  if (until !== undefined) return shortLine(`until ${shortExpression(until)}`);
  if (typeof duration === 'number') return `wait ${duration} s`;
  return duration === undefined ? 'wait' : shortLine(`wait ${shortExpression(duration)}`);
}

function outlineOf({ duration, until, event_type: event, timeout }: JsonObject): StepOutline {
  const plain = (value: unknown) => (typeof value === 'number' || typeof value === 'string' ? value : null);
  if (typeof event === 'string') {
    return { kind: 'event', event: { event_type: event, timeout: plain(timeout) ?? DEFAULT_EVENT_TIMEOUT } };
  }
  if (typeof until === 'string') return { kind: 'sleep_until', timestamp: until };
  const time = plain(duration);
  // What is left waits for a condition: for something, of which no name is known.
  return time === null ? { kind: 'event', event: null } : { kind: 'sleep', duration: time };
}

export const wait: StepDefinition = {
  type: 'wait',
  title: 'Wait',
  summary: 'For a time, an event or a condition',
  category: 'time',
  icon: 'timer',
  docs: `Holds its path while the rest of the run goes on: for a time, until a moment, until somebody sends an event, or until a condition holds. Nothing is held meanwhile (no process, no place among the running), so it may wait for days and over restarts.

An event that came early is kept, and goes to the first wait that it fits. What comes after the time is over stays for the next wait.`,
  config: { drawn: drawn as unknown as StepDefinition['config']['drawn'], resolved },
  initialConfig: { duration: '10s' },
  branches: (config) => {
    if (config.event_type !== undefined) return ['received', 'timeout'];
    return config.condition !== undefined ? ['met', 'timeout'] : [];
  },
  describe: cardLine,
  pure: false,
  onCrash: () => 'retry',
  defaultTimeout: null,
  expressionKeys: [],
  rawKeys: [],
  lateKeys: ['match', 'condition'],
  outline: outlineOf,
  exampleOutput: { waited_until: '2026-01-01T00:00:10.000Z', payload: {} },
};
