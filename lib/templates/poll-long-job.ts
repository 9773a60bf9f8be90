import type { WorkflowTemplate } from './template.ts';

export const pollLongJob: WorkflowTemplate = {
  id: 'tpl_poll_long_job',
  name: 'Start a long job and poll it',
  description: 'Starts a job that somebody else does, looks after it at intervals until it is done, and holds no worker in between.',
  category: 'Orchestration',
  tags: ['polling', 'loop', 'wait'],
  needs: [],
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['start_url', 'interval', 'looks'],
    properties: {
      start_url: {
        type: 'string',
        title: 'Start the job at',
        description: 'The job’s id is added to this address to ask for it. The mock server’s jobs are done at the third look.',
        default: '{{ mock.url }}/jobs',
      },
      interval: { type: 'string', title: 'Look every', description: 'For example 30s, 5m.', default: '1s' },
      looks: { type: 'integer', title: 'Looks at most', description: 'Then it is given up.', minimum: 1, maximum: 10_000, default: 100 },
    },
  },
  readme: `## What it does
1. **Start** starts the job and learns its id.
2. **Poll** repeats *pause, look* while the job is not done. During a pause the run waits and takes up no worker, be it for days.
3. **Result** tells what the job gave, or that it was given up.

## Try it
It runs as it is, offline: a job of the mock server is done at the third look.

## Change first
The address, the interval, and what *done* means (**Poll** → *While*).
`,
  definition: {
    name: 'Start a long job and poll it',
    description: 'Looks after a job until it is done.',
    output: 'result',
    steps: [
      {
        id: 'start',
        name: 'Start',
        type: 'http_request',
        config: { method: 'POST', url: '{{ parameter.start_url }}' },
        depends_on: [],
      },
      {
        id: 'poll',
        name: 'Poll',
        type: 'loop',
        config: {
          while: 'index = 0 or item.status != "done"',
          max_iterations: '{{ parameter.looks }}',
          output: 'state',
          steps: [
            { id: 'pause', name: 'Pause', type: 'wait', config: { duration: '{{ parameter.interval }}' }, depends_on: [] },
            {
              id: 'look',
              name: 'Look',
              type: 'http_request',
              config: { method: 'GET', url: '{{ parameter.start_url }}/{{ steps.start.output.body.id }}' },
              depends_on: ['pause'],
              retry: { max_attempts: 3, delay: '2s' },
            },
            { id: 'state', name: 'State', type: 'transform', config: { expression: 'steps.look.output.body' }, depends_on: ['look'] },
          ],
        },
        depends_on: ['start'],
      },
      {
        id: 'result',
        name: 'Result',
        type: 'transform',
        config: {
          fields: {
            done: '{{ steps.poll.output[-1].status = "done" }}',
            result: '{{ steps.poll.output[-1].result }}',
            looks: '{{ $count(steps.poll.output) }}',
          },
        },
        depends_on: ['poll'],
      },
    ],
  },
};
