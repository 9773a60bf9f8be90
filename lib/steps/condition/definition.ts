import { z } from 'zod';
import type { JsonObject } from '#lib/base/json.ts';
import type { StepDefinition } from '#lib/workflow/step-type.ts';
import { shortExpression } from '../card-line.ts';
import { field } from '../field.ts';

/** Branch that is taken when no case holds. */
export const DEFAULT_BRANCH = 'default';

const ExpressionText = z.union([z.string().trim().min(1, 'Must be an expression').max(20_000), z.boolean()]);
const CaseName = z
  .string()
  .regex(/^[A-Za-z0-9_\- ]{1,60}$/, 'A case name holds up to 60 letters, digits, spaces, _ and -')
  .refine((name) => name !== DEFAULT_BRANCH && name !== 'error', 'The names default and error are taken');
/** After evaluation: any value, and none where the expression has no result. */
const Evaluated = z.json().optional();

function shape<T extends z.ZodType>(expression: T) {
  return z.strictObject({
    expression: field(expression.optional(), {
      title: 'Condition',
      description: 'Takes the true branch when it holds, else the false branch. Empty text, 0, null, {} and [] do not hold.',
      examples: ['steps.fetch.output.status_code == 200', 'input.total > 100 && input.country = "DE"'],
      widget: 'expression',
      choice: 'Branch by',
    }),
    cases: field(
      z
        .array(
          z.strictObject({
            name: field(CaseName, { title: 'Name', description: 'The name of the branch.' }),
            when: field(expression, {
              title: 'When',
              description: 'The first case that holds is taken.',
              examples: ['input.total > 100'],
              widget: 'expression',
            }),
          }),
        )
        .min(1)
        .max(50)
        .optional(),
      {
        title: 'Cases',
        description: 'More than two ways: each case is a branch; where none holds, the default branch is taken.',
        examples: [[{ name: 'large', when: 'input.total > 100' }]],
        widget: 'cases',
        choice: 'Branch by',
      },
    ),
  });
}

const drawn = shape(ExpressionText).superRefine((values, context) => {
  if ((values.expression === undefined) === (values.cases === undefined)) {
    context.addIssue({ code: 'custom', message: 'A condition needs either an expression or cases', path: ['expression'] });
  }
  const names = (values.cases ?? []).map((item) => item.name);
  names.forEach((name, index) => {
    if (names.indexOf(name) < index) {
      context.addIssue({ code: 'custom', message: `The case '${name}' is there twice`, path: ['cases', index, 'name'] });
    }
  });
});
const resolved = shape(Evaluated);

export type ConditionConfig = z.infer<typeof resolved>;

function caseNames({ cases }: JsonObject): string[] {
  if (!Array.isArray(cases)) return [];
  return cases.flatMap((item: unknown) => {
    const name = (item as { name?: unknown } | null)?.name;
    return typeof name === 'string' ? [name] : [];
  });
}

/** One case more, which never holds until its author says when. */
function withCase(config: JsonObject, name: string): JsonObject | null {
  if (!Array.isArray(config.cases) || !CaseName.safeParse(name).success) return null;
  return { ...config, cases: [...config.cases, { name, when: 'false' }] };
}

/** By branch, in the order they are asked. */
function conditionsOf({ expression, cases }: JsonObject): Map<string, string | null> {
  if (!Array.isArray(cases)) {
    return new Map([
      ['true', typeof expression === 'string' ? expression : null],
      ['false', null],
    ]);
  }
  const named = cases.flatMap((item: unknown): [string, string][] => {
    const { name, when } = (item ?? {}) as { name?: unknown; when?: unknown };
    return typeof name === 'string' && typeof when === 'string' ? [[name, when]] : [];
  });
  return new Map<string, string | null>([...named, [DEFAULT_BRANCH, null]]);
}

export const condition: StepDefinition = {
  type: 'condition',
  title: 'Condition',
  summary: 'Choose which branch goes on',
  category: 'logic',
  icon: 'split',
  docs: [
    'Evaluates an expression and takes the branch **true** or **false**; with cases, the first case that holds, else **default**. The steps of the',
    'other branches are skipped as not taken; a step where branches meet again runs after whichever was taken.',
  ].join('\n'),
  config: { drawn: drawn as unknown as StepDefinition['config']['drawn'], resolved },
  initialConfig: { expression: 'input.total > 100' },
  withBranch: withCase,
  branches: (values) => (values.cases === undefined ? ['true', 'false'] : [...caseNames(values), DEFAULT_BRANCH]),
  describe: (values) =>
    values.cases === undefined ? shortExpression(values.expression) : [...caseNames(values), DEFAULT_BRANCH].join(' | '),
  pure: true,
  onCrash: () => 'retry',
  defaultTimeout: 300_000,
  expressionKeys: ['expression', 'cases.*.when'],
  rawKeys: ['cases.*.name'],
  outline: (values) => ({ kind: 'choice', conditions: conditionsOf(values) }),
  exampleOutput: { branch: 'true' },
};
