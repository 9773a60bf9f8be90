import { z } from 'zod';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { Step, StepId } from '#lib/workflow/definition.ts';
import { LOOP_MODES, MAX_ITERATIONS, type StepDefinition, stepConfig } from '#lib/workflow/step-type.ts';
import { shortExpression, shortLine } from '../card-line.ts';
import { field } from '../field.ts';

/** Iterations of a `while` where the config says nothing. */
export const DEFAULT_ITERATIONS = 1000;
/** Iterations at the same time, at most; `any` and `race` begin so many where the config says nothing. */
export const MAX_CONCURRENCY = 1000;

const many = MAX_ITERATIONS.toLocaleString('en-US');
const ExpressionText = z.string().trim().min(1, 'Must be an expression').max(20_000);
/** Items once they have their value; the steps alone know what an item should be. */
const Items = z
  .array(z.unknown(), 'The items must be a list')
  .max(MAX_ITERATIONS, { error: ({ input }) => `A loop runs for at most ${many} items, not ${(input as readonly unknown[]).length}` });
/** The engine asks it for each iteration; when the step starts it has no value yet. */
const AskedLater = z.union([z.string(), z.boolean()]);

function shape<Expression extends z.ZodType, Listed extends z.ZodType, Steps extends z.ZodType>(
  expression: Expression,
  items: Listed,
  steps: Steps,
  value: <T extends z.ZodType>(schema: T) => z.ZodType<z.infer<T>>,
) {
  return z.strictObject({
    items: field(items.optional(), {
      title: 'For each of',
      description: `A list; the steps run once for each item, which they read as item and index. At most ${many} items.`,
      examples: ['input.orders', 'steps.fetch.output.body.users'],
      widget: 'expression',
      choice: 'Repeat',
    }),
    while: field(expression.optional(), {
      title: 'While',
      description: 'Asked before each iteration. There, item is what the iteration before resulted in; index counts from 0.',
      examples: ['index = 0 or item.next_page != null'],
      widget: 'expression',
      choice: 'Repeat',
    }),
    max_iterations: field(value(z.int().min(1).max(MAX_ITERATIONS)).optional(), {
      title: 'At most',
      description: `A while loop ends after so many iterations, whatever it says: ${DEFAULT_ITERATIONS} where nothing is said, at most ${many}.`,
      examples: [20],
      advanced: true,
    }),
    steps: field(steps, {
      title: 'Steps',
      description: 'What is repeated: a graph of its own. Its steps see each other, and all that is before the loop.',
      widget: 'body',
    }),
    output: field(StepId.optional(), {
      title: 'Result of an iteration',
      description:
        'Id of the step whose output is the result. Without it: the last step; where several are last, a map of their outputs by id.',
      examples: ['save'],
      advanced: true,
    }),
    concurrency: field(value(z.int().min(1).max(MAX_CONCURRENCY)).optional(), {
      title: 'At the same time',
      description: `How many iterations run side by side, at most ${MAX_CONCURRENCY}. Without it they run one after another (any and race: all at once).`,
      examples: [5, '{{ input.parallel }}'],
    }),
    mode: field(z.enum(LOOP_MODES).optional(), {
      title: 'Ends when',
      description:
        'all: each has completed; the first failure cancels the rest. all_settled: each has ended. any: one has completed. race: one has ended.',
      widget: 'select',
      unset: 'all',
    }),
    break_when: field(expression.optional(), {
      title: 'Break when',
      description:
        'Asked after each iteration, with its item, index and steps. When it holds, no further one begins; those under way end as usual.',
      examples: ['steps.check.output.found', 'index >= 9'],
      widget: 'expression',
      advanced: true,
    }),
  });
}

const built = stepConfig((value) => shape(ExpressionText, z.union([ExpressionText, z.array(z.json())]), z.array(Step).min(1), value));
const drawn = (built.drawn as unknown as typeof built.resolved).superRefine((values, context) => {
  const refuse = (key: string, message: string) => context.addIssue({ code: 'custom', message, path: [key] });
  if ((values.items === undefined) === (values.while === undefined)) refuse('items', 'A loop needs either items or a while condition');
  if (values.while !== undefined && typeof values.concurrency === 'number' && values.concurrency > 1) {
    refuse('concurrency', 'A while loop runs one iteration after another: it is asked before each');
  }
  if (values.max_iterations !== undefined && values.while === undefined)
    refuse('max_iterations', 'Only a while loop has a highest number of iterations');
  if (Array.isArray(values.items) && values.items.length > MAX_ITERATIONS) {
    refuse('items', `A loop runs for at most ${many} items, not ${values.items.length}`);
  }
});
const resolved = stepConfig((value) => shape(AskedLater, Items, z.array(z.unknown()), value)).resolved;

export type LoopConfig = z.infer<typeof resolved>;

function bodyLine(steps: Json | undefined): string {
  const count = Array.isArray(steps) ? steps.length : 0;
  return count === 1 ? '1 step' : `${count} steps`;
}

function cardLine({ items, while: asked, steps }: JsonObject): string {
  if (asked !== undefined) return shortLine(`${bodyLine(steps)} while ${shortExpression(asked)}`);
  const list = Array.isArray(items) ? `${items.length} items` : shortExpression(items);
  return shortLine(`${bodyLine(steps)} for each of ${list}`);
}

export const loop: StepDefinition = {
  type: 'loop',
  title: 'Loop',
  summary: 'Repeat steps for each item, or while something holds',
  category: 'logic',
  icon: 'repeat',
  docs: [
    'Runs its **steps** once for each item of a list, or while a condition holds. An iteration is a run of its own: its steps read `item` and `index`,',
    'each other as `steps.<id>`, and everything before the loop. In a loop within a loop, `outer.item` and `outer.index` are those of the loop around it.',
    '',
    '**Output**: a list, in the order of the items. With mode `all` (the default) its entries are the results alone; a failed iteration cancels the rest',
    'and fails the loop. With `all_settled` they are `{ index, status: "completed", output }` or `{ index, status: "failed", error }`; the loop itself',
    'completes. With `any` (the first that completes) and `race` (the first that ends) the list holds that one entry, and the other iterations are',
    'cancelled; the loop fails where none completed. An empty list gives `[]` with `all` and `all_settled`, and fails `any` and `race`.',
    '',
    'The result of an iteration is the output of the step named under *Result of an iteration*, else of its last step (a map by id where it has several);',
    'null where that step was skipped. An iteration fails when one of its steps fails and nothing within handles it. After *Break when* the list holds',
    'the iterations that had begun. A retry of the loop runs all iterations again; give the steps within their own retries to repeat only what failed.',
  ].join('\n'),
  config: { drawn: drawn as unknown as StepDefinition['config']['drawn'], resolved },
  initialConfig: {
    items: '[1, 2, 3]',
    steps: [{ id: 'each_item', type: 'transform', config: { fields: { item: '{{ item }}', index: '{{ index }}' } } }],
  },
  branches: () => [],
  describe: cardLine,
  pure: true,
  onCrash: () => 'retry',
  defaultTimeout: null,
  expressionKeys: ['items', 'while', 'break_when'],
  rawKeys: ['steps', 'output', 'mode'],
  body: { items: 'items', steps: 'steps', output: 'output', while: 'while', breakWhen: 'break_when', mode: 'mode' },
  outline: ({ while: asked, concurrency, mode }) => ({
    kind: 'repeat',
    sideBySide: asked === undefined && (concurrency === undefined ? mode === 'any' || mode === 'race' : concurrency !== 1),
  }),
  exampleOutput: null,
};
