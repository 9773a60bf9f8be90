import { z } from 'zod';
import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { StepDefinition } from '#lib/workflow/step-type.ts';
import { shortExpression, shortLine } from '../card-line.ts';
import { field } from '../field.ts';

function shape<E extends z.ZodType>(expression: E) {
  return z.strictObject({
    expression: field(expression.optional(), {
      title: 'Expression',
      description: 'One JSONata expression; its value is the output.',
      examples: ['steps.fetch.output.body.{ "id": id, "name": first & " " & last }', '$sum(input.items.(price * quantity))'],
      widget: 'code',
      language: 'jsonata',
      choice: 'Output from',
    }),
    fields: field(z.record(z.string(), z.json()).optional(), {
      title: 'Fields',
      description: 'Builds an object: each field is a value or an expression in {{ }}.',
      examples: [{ id: '{{ input.id }}', greeting: 'Hello {{ input.name }}' }],
      widget: 'key-value',
      choice: 'Output from',
    }),
  });
}

const drawn = shape(z.string().trim().min(1, 'Must be an expression').max(20_000)).superRefine((values, context) => {
  if ((values.expression === undefined) === (values.fields === undefined)) {
    context.addIssue({ code: 'custom', message: 'A transform needs either an expression or fields', path: ['expression'] });
  }
});
const resolved = shape(z.json());

export type TransformConfig = z.infer<typeof resolved>;

function cardLine(expression: Json | undefined, fields: Json | undefined): string {
  if (isJsonObject(fields)) return shortLine(Object.keys(fields).join(', '));
  return shortExpression(expression);
}

export const transform: StepDefinition = {
  type: 'transform',
  title: 'Transform',
  summary: 'Reshape data',
  category: 'data',
  icon: 'braces',
  docs: [
    'Computes a value from the input and the outputs before it, and gives it as output. Write one [JSONata](https://docs.jsonata.org) expression, or a map of',
    'fields. It has no side effects and costs next to nothing.',
  ].join('\n'),
  config: { drawn: drawn as unknown as StepDefinition['config']['drawn'], resolved },
  initialConfig: { fields: { greeting: 'Hello {{ input.name }}' } },
  branches: () => [],
  describe: (values) => cardLine(values.expression, values.fields),
  pure: true,
  onCrash: () => 'retry',
  defaultTimeout: 300_000,
  expressionKeys: ['expression'],
  rawKeys: [],
  exampleOutput: { greeting: 'Hello Ada' },
};
