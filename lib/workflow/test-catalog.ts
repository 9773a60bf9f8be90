import { z } from 'zod';
import { Duration, Step } from './definition.ts';
import { type StepCatalog, type StepDefinition, stepConfig } from './step-type.ts';

/** A small catalog for the tests of this room, which must not import the real step types. */
const base = {
  category: 'action',
  icon: 'box',
  docs: '',
  initialConfig: {},
  branches: () => [],
  describe: () => '',
  pure: false,
  onCrash: () => 'retry',
  defaultTimeout: 300_000,
  expressionKeys: [],
  rawKeys: [],
  exampleOutput: null,
} as const satisfies Partial<StepDefinition>;

export const testCatalog: StepCatalog = {
  http_request: {
    ...base,
    type: 'http_request',
    title: 'HTTP request',
    summary: 'Calls an API',
    config: stepConfig((value) =>
      z.strictObject({
        method: value(z.enum(['GET', 'POST'])).optional(),
        url: value(z.url()),
        headers: z.record(z.string(), value(z.string())).optional(),
        body: z.json().optional(),
        retries: value(z.int().min(0)).optional(),
      }),
    ),
  },
  condition: {
    ...base,
    type: 'condition',
    title: 'Condition',
    summary: 'Takes one of two ways',
    pure: true,
    config: stepConfig(() =>
      z.strictObject({
        expression: z.string().min(1).optional(),
        cases: z.array(z.strictObject({ name: z.string(), when: z.string() })).optional(),
      }),
    ),
    withBranch: (config, name) => (Array.isArray(config.cases) ? { ...config, cases: [...config.cases, { name, when: 'false' }] } : null),
    branches: (config) =>
      Array.isArray(config.cases) ? [...config.cases.map((one: { name: string }) => one.name), 'default'] : ['true', 'false'],
    expressionKeys: ['expression', 'cases.*.when'],
  },
  script: {
    ...base,
    type: 'script',
    title: 'Script',
    summary: 'Runs code',
    config: stepConfig(() => z.strictObject({ code: z.string(), args: z.record(z.string(), z.json()).optional() })),
    onCrash: () => 'ask',
    rawKeys: ['code'],
  },
  transform: {
    ...base,
    type: 'transform',
    title: 'Transform',
    summary: 'Computes',
    pure: true,
    config: stepConfig(() => z.strictObject({ expression: z.string().optional() })),
    expressionKeys: ['expression'],
  },
  loop: {
    ...base,
    type: 'loop',
    title: 'Loop',
    summary: 'Repeats steps',
    pure: true,
    defaultTimeout: null,
    config: stepConfig(() => {
      const expression = z.string().optional();
      return z.strictObject({
        items: expression,
        while: expression,
        break_when: expression,
        output: expression,
        steps: z.array(Step).min(1),
      });
    }),
    expressionKeys: ['items', 'while', 'break_when'],
    rawKeys: ['steps', 'output'],
    body: { items: 'items', steps: 'steps', output: 'output', while: 'while', breakWhen: 'break_when', mode: 'mode' },
  },
  wait: {
    ...base,
    type: 'wait',
    title: 'Wait',
    summary: 'Waits',
    defaultTimeout: null,
    config: stepConfig((value) =>
      z.strictObject({
        duration: value(Duration).optional(),
        event_type: value(z.string()).optional(),
        timeout: value(Duration).optional(),
      }),
    ),
    branches: (config) => (config.event_type === undefined ? [] : ['received', 'timeout']),
  },
  approval: {
    ...base,
    type: 'approval',
    title: 'Approval',
    summary: 'Asks a person',
    defaultTimeout: null,
    config: stepConfig((value) => z.strictObject({ message: value(z.string()).optional(), timeout: value(Duration).optional() })),
    branches: () => ['approved', 'rejected', 'timeout'],
  },
};
