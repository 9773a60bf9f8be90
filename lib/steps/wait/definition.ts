import { z } from 'zod';
import type { Json } from '#lib/base/json.ts';
import { Duration } from '#lib/workflow/definition.ts';
import { type StepDefinition, stepConfig } from '#lib/workflow/step-type.ts';
import { shortExpression, shortLine } from '../card-line.ts';
import { field } from '../field.ts';

const built = stepConfig((value) =>
  z.strictObject({
    duration: field(value(Duration).optional(), {
      title: 'For',
      description: 'How long: a number of seconds, or text such as 500ms, 30s, 10 minutes, 2 days.',
      examples: ['5m', 30, '{{ input.delay }}'],
      widget: 'duration',
      choice: 'Wait',
    }),
    until: field(value(z.iso.datetime({ offset: true, error: 'Must be a time with a zone, such as 2027-01-01T09:00:00Z' })).optional(), {
      title: 'Until',
      description: 'A time with a zone. One that has passed does not wait.',
      examples: ['2027-01-01T09:00:00Z', '{{ input.start_at }}'],
      choice: 'Wait',
    }),
  }),
);

const exactlyOne = (values: { duration?: unknown; until?: unknown }): boolean =>
  (values.duration === undefined) !== (values.until === undefined);
const drawn = (built.drawn as unknown as typeof built.resolved).refine(exactlyOne, {
  error: 'A wait needs either a duration or a time',
  path: ['duration'],
});
const resolved = built.resolved.refine(exactlyOne, {
  error: 'The duration, or the time, has no value',
  path: ['duration'],
});

export type WaitConfig = z.infer<typeof resolved>;

function cardLine(duration: Json | undefined, until: Json | undefined): string {
  if (until !== undefined) return `until ${shortExpression(until)}`;
  if (typeof duration === 'number') return `wait ${duration} s`;
  return duration === undefined ? 'wait' : shortLine(`wait ${shortExpression(duration)}`);
}

export const wait: StepDefinition = {
  type: 'wait',
  title: 'Wait',
  summary: 'Go on later, or at a time',
  category: 'time',
  icon: 'timer',
  docs: 'Holds its path for a duration or until a time; the rest of the run goes on. Nothing is held meanwhile, so it may wait for days and over restarts.',
  config: { drawn: drawn as unknown as StepDefinition['config']['drawn'], resolved },
  initialConfig: { duration: '10s' },
  branches: () => [],
  describe: (values) => cardLine(values.duration, values.until),
  pure: false,
  onCrash: () => 'retry',
  defaultTimeout: null,
  expressionKeys: [],
  rawKeys: [],
  exampleOutput: { waited_until: '2026-01-01T00:00:10.000Z' },
};
