import type { WorkflowTemplate } from './template.ts';

export const approvalGate: WorkflowTemplate = {
  id: 'tpl_approval_gate',
  name: 'Approval gate',
  description: 'Asks a person before it acts, waits as long as that takes without holding a worker, and does something else after a no.',
  category: 'People',
  tags: ['approval', 'human in the loop', 'webhook'],
  needs: [],
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['question', 'deadline', 'action_url', 'refusal_url'],
    properties: {
      question: {
        type: 'string',
        title: 'Question',
        description: 'What is decided, as those who decide read it.',
        default: 'May the newsletter go out?',
      },
      deadline: { type: 'string', title: 'Answer within', description: 'After that it counts as a no.', default: '2 days' },
      action_url: { type: 'string', title: 'After a yes', description: 'Address that is told.', default: '{{ mock.url }}/sink' },
      refusal_url: { type: 'string', title: 'After a no', description: 'Address that is told.', default: '{{ mock.url }}/sink' },
    },
  },
  readme: `## What it does
1. **Ask** puts the question under Approvals, with a form for a reason. The run waits and takes up no worker.
2. **Act** runs on the *approved* branch.
3. **Let it be** runs on *rejected*, and on *timeout* when nobody has decided.
4. **Report** runs after either and is the output of the run.

## Try it
It runs as it is, offline: run it, then decide under Approvals. \`/mock/sink\` shows what was told.

## Change first
The question, who decides (in **Ask**), and the addresses.
`,
  definition: {
    name: 'Approval gate',
    description: 'Acts after a yes of a person.',
    output: 'report',
    steps: [
      {
        id: 'ask',
        name: 'Ask',
        type: 'approval',
        config: {
          message: '{{ parameter.question }}',
          form: { type: 'object', properties: { reason: { type: 'string', title: 'Reason' } } },
          timeout: '{{ parameter.deadline }}',
        },
        depends_on: [],
      },
      {
        id: 'act',
        name: 'Act',
        type: 'webhook',
        config: { url: '{{ parameter.action_url }}', payload: { type: 'request.approved', run: '{{ run.id }}' } },
        depends_on: [{ step: 'ask', branch: 'approved' }],
      },
      {
        id: 'let_be',
        name: 'Let it be',
        type: 'webhook',
        config: {
          url: '{{ parameter.refusal_url }}',
          payload: { type: 'request.refused', run: '{{ run.id }}', how: '{{ steps.ask.branch }}' },
        },
        depends_on: [
          { step: 'ask', branch: 'rejected' },
          { step: 'ask', branch: 'timeout' },
        ],
        join: 'any',
      },
      {
        id: 'report',
        name: 'Report',
        type: 'transform',
        config: { fields: { decision: '{{ steps.ask.branch }}', acted: '{{ steps.act.status = "completed" }}' } },
        depends_on: ['act', 'let_be'],
      },
    ],
  },
};
