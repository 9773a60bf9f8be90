import { z } from 'zod';
import { type StepDefinition, stepConfig } from '#lib/workflow/step-type.ts';
import { shortExpression, shortLine } from '../card-line.ts';
import { field } from '../field.ts';

const config = stepConfig((value) =>
  z.strictObject({
    workflow_id: field(value(z.string().regex(/^wf_[0-9a-f]{32}$/, 'Must be the id of a workflow, such as wf_0192f0c1…')), {
      title: 'Workflow',
      description: 'The workflow to run. It may be an expression that gives an id.',
      examples: ['{{ input.workflow_id }}'],
      widget: 'workflow',
    }),
    version: field(value(z.int().min(1)).optional(), {
      title: 'Version',
      description: 'The number of a version that always runs. Left out: the newest one at the time.',
      examples: [3],
    }),
    input: field(value(z.json()).optional(), {
      title: 'Input',
      description: 'What the workflow gets as its input.',
      examples: [{ customer: '{{ input.customer }}' }],
      widget: 'json',
    }),
    wait: field(value(z.boolean()).default(true), {
      title: 'Wait for its end',
      description: 'On: the step gives the output of that run, and fails with it. Off: it gives the id of the run at once.',
      widget: 'toggle',
    }),
  }),
);

export type SubWorkflowConfig = z.infer<typeof config.resolved>;

export const subWorkflow: StepDefinition = {
  type: 'workflow',
  title: 'Run a workflow',
  summary: 'Another workflow as one step',
  category: 'logic',
  icon: 'workflow',
  docs: [
    'Starts a run of another workflow and gives its output. The run waits without holding anything; a cancel, a pause and a',
    'resume go down to the run it started. If that run fails or is cancelled, the step fails with `SUBWORKFLOW_FAILED`, whose',
    'data say how far it came. Workflows may be nested 20 deep, and none may run itself, not even through others.',
  ].join('\n'),
  config,
  initialConfig: {},
  branches: () => [],
  namesOf: ({ workflow_id: name }) =>
    typeof name === 'string' && !name.includes('{{') ? [{ kind: 'workflow', name, key: 'workflow_id' }] : [],
  describe: (values) => {
    if (typeof values.workflow_id !== 'string' || values.workflow_id === '') return 'choose a workflow';
    const which = values.workflow_id.includes('{{') ? shortExpression(values.workflow_id) : 'another workflow';
    const version = typeof values.version === 'number' ? ` v${values.version}` : '';
    return shortLine(values.wait === false ? `start ${which}${version}` : `run ${which}${version}`);
  },
  pure: false,
  onCrash: () => 'retry',
  defaultTimeout: null,
  expressionKeys: [],
  rawKeys: [],
  outline: (values) => ({ kind: 'call', name: typeof values.workflow_id === 'string' ? values.workflow_id : '' }),
  startsRuns: true,
  queueOfItsRun: true,
  exampleOutput: null,
};
