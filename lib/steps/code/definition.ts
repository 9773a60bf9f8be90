import { z } from 'zod';
import { type StepDefinition, stepConfig } from '#lib/workflow/step-type.ts';
import { shortLine } from '../card-line.ts';
import { field } from '../field.ts';

const config = stepConfig(() =>
  z.strictObject({
    workflow: field(z.string().trim().min(1).max(200), {
      title: 'Function',
      description: 'The name under which a task worker of yours serves it: the first argument of `workflow(…)` in its code.',
      examples: ['order'],
    }),
  }),
);

/** The queue that task workers serve for one function: `code:<queue>:<function>`. */
export function codeQueue(queue: string, name: string): string {
  return `code:${queue}:${name}`;
}

export const code: StepDefinition = {
  type: 'code',
  title: 'Code',
  summary: 'A function of yours, in a process of yours',
  category: 'action',
  icon: 'code',
  docs: [
    'Runs a function that a *task worker* of yours serves: a process with the TypeScript SDK, which asks Weftline for work over HTTP.',
    'What the function does with `step.do`, `step.sleep`, `step.sleepUntil` and `step.waitForEvent` are steps of this run: each is',
    'recorded once, and after a crash the function goes on behind the last one that had ended. The function gets the input of the run;',
    'what it returns is the output. See `docs/sdk.md`.',
  ].join('\n'),
  config,
  initialConfig: {},
  branches: () => [],
  describe: ({ workflow }) => (typeof workflow === 'string' && workflow !== '' ? shortLine(`run ${workflow}()`) : 'choose a function'),
  pure: false,
  onCrash: () => 'retry',
  defaultTimeout: null,
  expressionKeys: [],
  rawKeys: ['workflow'],
  offeredAs: ({ workflow }, queue) => codeQueue(queue, typeof workflow === 'string' ? workflow : ''),
  exampleOutput: null,
};
