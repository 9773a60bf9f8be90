import type { WorkflowTemplate } from './template.ts';

export const batchRateLimit: WorkflowTemplate = {
  id: 'tpl_batch_rate_limit',
  name: 'Batch against a rate limit',
  description:
    'Sends every item of a list, a few at a time, waits as long as the other side asks when it is too fast, and counts what failed.',
  category: 'Data',
  tags: ['loop', 'batch', 'rate limit', 'retry'],
  needs: [],
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['source_url', 'target_url', 'at_once'],
    properties: {
      source_url: {
        type: 'string',
        title: 'List to read',
        description: 'Its items member is a list.',
        default: '{{ mock.url }}/paged?total=12&per_page=12',
      },
      target_url: {
        type: 'string',
        title: 'Send to',
        description: 'The mock server takes six calls a second for each key, then answers 429 with Retry-After.',
        default: '{{ mock.url }}/limited?key={{ run.id }}&per_second=6',
      },
      at_once: {
        type: 'integer',
        title: 'At the same time',
        description: 'Items under way at once.',
        minimum: 1,
        maximum: 1000,
        default: 4,
      },
    },
  },
  readme: `## What it does
1. **Read** reads the list.
2. **Send each** sends the items, a few side by side. A 429 is tried again, no sooner than *Retry-After* says, while the item waits and takes up no worker. One that fails for good does not stop the others.
3. **Report** counts.

## Try it
It runs as it is, offline: twelve items against a limit of six a second.

## Change first
The addresses, how many at once, and the retries of **Send**.
`,
  definition: {
    name: 'Batch against a rate limit',
    description: 'Sends every item as fast as the other side allows.',
    output: 'report',
    steps: [
      { id: 'read', name: 'Read', type: 'http_request', config: { method: 'GET', url: '{{ parameter.source_url }}' }, depends_on: [] },
      {
        id: 'each',
        name: 'Send each',
        type: 'loop',
        config: {
          items: '{{ steps.read.output.body.items }}',
          concurrency: '{{ parameter.at_once }}',
          mode: 'all_settled',
          steps: [
            {
              id: 'send',
              name: 'Send',
              type: 'http_request',
              config: { method: 'POST', url: '{{ parameter.target_url }}', body: '{{ item }}' },
              depends_on: [],
              retry: { max_attempts: 10, delay: '200ms', backoff: 'constant' },
            },
          ],
        },
        depends_on: ['read'],
      },
      {
        id: 'report',
        name: 'Report',
        type: 'transform',
        config: {
          fields: {
            sent: '{{ $count(steps.each.output[status = "completed"]) }}',
            failed: '{{ $count(steps.each.output[status = "failed"]) }}',
          },
        },
        depends_on: ['each'],
      },
    ],
  },
};
