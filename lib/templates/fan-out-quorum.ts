import type { WorkflowTemplate } from './template.ts';

export const fanOutQuorum: WorkflowTemplate = {
  id: 'tpl_fan_out_quorum',
  name: 'Fan out and go on with a quorum',
  description: 'Asks three sources at the same time, goes on as soon as enough of them have answered, and lets the slow one go.',
  category: 'Orchestration',
  tags: ['parallel', 'quorum', 'http'],
  needs: [],
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['first_url', 'second_url', 'third_url', 'enough'],
    properties: {
      first_url: { type: 'string', title: 'First source', description: 'Answers at once.', default: '{{ mock.url }}/echo?source=first' },
      second_url: {
        type: 'string',
        title: 'Second source',
        description: 'Answers at once too.',
        default: '{{ mock.url }}/echo?source=second',
      },
      third_url: {
        type: 'string',
        title: 'Third source',
        description: 'The mock server takes twenty seconds for it.',
        default: '{{ mock.url }}/slow?ms=20000',
      },
      enough: {
        type: 'integer',
        title: 'Answers that are enough',
        description: 'The others are stopped then.',
        minimum: 1,
        maximum: 3,
        default: 2,
      },
    },
  },
  readme: `## What it does
1. **First**, **Second** and **Third** ask their sources side by side.
2. **Decide** waits for a quorum of them. With *cancel the rest* it stops whoever has not answered by then.
   If so many fail that the quorum is out of reach, it is skipped at once.

## Try it
It runs as it is, offline: two sources answer at once, the third takes twenty seconds and is let go. Ask for 3 answers to wait for it.

## Change first
The addresses, and what **Decide** makes of the answers (\`args.first\`, \`args.second\`, \`args.third\`).
`,
  definition: {
    name: 'Fan out and go on with a quorum',
    description: 'Goes on as soon as enough sources have answered.',
    output: 'decide',
    steps: [
      { id: 'first', name: 'First', type: 'http_request', config: { method: 'GET', url: '{{ parameter.first_url }}' }, depends_on: [] },
      { id: 'second', name: 'Second', type: 'http_request', config: { method: 'GET', url: '{{ parameter.second_url }}' }, depends_on: [] },
      { id: 'third', name: 'Third', type: 'http_request', config: { method: 'GET', url: '{{ parameter.third_url }}' }, depends_on: [] },
      {
        id: 'decide',
        name: 'Decide',
        type: 'transform',
        config: {
          fields: { answers: '{{ [args.first.body, args.second.body, args.third.body] }}', third: '{{ steps.third.status }}' },
        },
        depends_on: ['first', 'second', 'third'],
        join: 'quorum',
        min_success: '{{ parameter.enough }}',
        cancel_rest: true,
        args_from: { first: 'first', second: 'second', third: 'third' },
      },
    ],
  },
};
