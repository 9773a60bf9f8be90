import type { WorkflowTemplate } from './template.ts';

export const saga: WorkflowTemplate = {
  id: 'tpl_saga',
  name: 'Saga: undo what was done',
  description: 'Books in three systems one after another; when one fails, what the others did is taken back, the last first.',
  category: 'Error handling',
  tags: ['saga', 'undo', 'compensation'],
  needs: [],
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['ship_url', 'undo_url'],
    properties: {
      ship_url: {
        type: 'string',
        title: 'Shipping',
        description: 'The last leg. With fail=9 the mock server refuses it.',
        default: '{{ mock.url }}/flaky?key={{ run.id }}&fail=0',
      },
      undo_url: {
        type: 'string',
        title: 'Take back at',
        description: 'Address that is told what to undo.',
        default: '{{ mock.url }}/sink',
      },
    },
  },
  readme: `## What it does
1. **Reserve** and **Charge** each have an *undo*: the call that takes back what they did.
2. **Ship** is the leg that may fail.
3. When it does, the run is rolled back: Charge is undone first, then Reserve, each with its own retries. Then the run is failed.

## Try it
It runs as it is, offline, and completes. Install it with \`fail=9\` in the shipping address: \`/mock/sink\` shows the refund and the release.

## Change first
The calls of the three legs, and their undos.
`,
  definition: {
    name: 'Saga: undo what was done',
    description: 'Takes back what was done when a leg fails.',
    output: 'ship',
    steps: [
      {
        id: 'reserve',
        name: 'Reserve',
        type: 'http_request',
        config: { method: 'POST', url: '{{ mock.url }}/echo', body: { reservation: '{{ run.id }}' } },
        depends_on: [],
        undo: {
          type: 'webhook',
          config: {
            url: '{{ parameter.undo_url }}',
            payload: { type: 'reservation.released', reservation: '{{ steps.reserve.output.body.body.reservation }}' },
          },
          retry: { max_attempts: 5, delay: '1s' },
        },
      },
      {
        id: 'charge',
        name: 'Charge',
        type: 'http_request',
        config: { method: 'POST', url: '{{ mock.url }}/echo', body: { payment: '{{ run.id }}' } },
        depends_on: ['reserve'],
        undo: {
          type: 'webhook',
          config: {
            url: '{{ parameter.undo_url }}',
            payload: { type: 'payment.refunded', payment: '{{ steps.charge.output.body.body.payment }}' },
          },
          retry: { max_attempts: 5, delay: '1s' },
        },
      },
      {
        id: 'ship',
        name: 'Ship',
        type: 'http_request',
        config: { method: 'POST', url: '{{ parameter.ship_url }}', body: { order: '{{ run.id }}' } },
        depends_on: ['charge'],
      },
    ],
  },
};
