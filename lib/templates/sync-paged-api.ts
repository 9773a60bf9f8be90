import type { WorkflowTemplate } from './template.ts';

export const syncPagedApi: WorkflowTemplate = {
  id: 'tpl_sync_paged_api',
  name: 'Sync a paged API',
  description:
    'Reads every page of a list, keeps what matters, and delivers it to a webhook in one signed request, or not at all when there is nothing.',
  category: 'Data',
  tags: ['api', 'paging', 'webhook'],
  needs: [],
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['source_url', 'destination_url'],
    properties: {
      source_url: {
        type: 'string',
        title: 'List to read',
        description: 'Address of the first page. The built-in mock server has 45 customers in pages of 20.',
        default: '{{ mock.url }}/paged?total=45&per_page=20',
      },
      items_path: {
        type: 'string',
        title: 'Path of the items',
        description: 'Where the list stands in each answer.',
        default: 'items',
      },
      next_path: {
        type: 'string',
        title: 'Path of the next link',
        description: 'Where an answer names the next page.',
        default: 'next',
      },
      minimum_orders: {
        type: 'integer',
        title: 'Orders at least',
        description: 'Customers with fewer orders are left out.',
        minimum: 0,
        default: 15,
      },
      destination_url: {
        type: 'string',
        title: 'Deliver to',
        description: 'Address of the webhook. The mock server keeps what it is sent: see /mock/sink.',
        default: '{{ mock.url }}/sink',
      },
    },
  },
  readme: `## What it does
1. **Fetch customers** reads the list page by page and joins the pages.
2. **Select** keeps the customers with enough orders and gives each three fields.
3. **Anything to send?** goes on with *true* where there is one, else with *false*.
4. **Deliver** posts them to the webhook: tried again when it fails, with the same id each time.
5. **Summary** runs after either branch and is the output of the run.

## Try it
It runs as it is, offline: both addresses point at the built-in mock server. Run it, then open \`/mock/sink\` to see the delivery. Set
*Orders at least* to 1000 to see the other branch.

## Change first
The two addresses, the fields in **Select**, and a signing secret in **Deliver**.
`,
  definition: {
    name: 'Sync a paged API',
    description: 'Reads every page, selects, and delivers what was found.',
    output: 'summary',
    steps: [
      {
        id: 'fetch_customers',
        name: 'Fetch customers',
        type: 'http_request',
        config: {
          method: 'GET',
          url: '{{ parameter.source_url }}',
          paging: { mode: 'next_link', items: '{{ parameter.items_path }}', next: '{{ parameter.next_path }}', max_pages: 50 },
        },
        depends_on: [],
        retry: { max_attempts: 3, delay: '2s', backoff: 'exponential' },
        timeout: '2m',
      },
      {
        id: 'select',
        name: 'Select',
        type: 'transform',
        config: {
          fields: {
            read: '{{ $count(steps.fetch_customers.output.body) }}',
            customers:
              '{{ [steps.fetch_customers.output.body[orders >= parameter.minimum_orders].{ "id": id, "name": name, "orders": orders }] }}',
          },
        },
        depends_on: ['fetch_customers'],
      },
      {
        id: 'any_found',
        name: 'Anything to send?',
        type: 'condition',
        config: { expression: '{{ $count(steps.select.output.customers) > 0 }}' },
        depends_on: ['select'],
      },
      {
        id: 'deliver',
        name: 'Deliver',
        type: 'webhook',
        config: {
          url: '{{ parameter.destination_url }}',
          payload: { type: 'customers.selected', run: '{{ run.id }}', customers: '{{ steps.select.output.customers }}' },
        },
        depends_on: [{ step: 'any_found', branch: 'true' }],
      },
      {
        id: 'nothing_found',
        name: 'Nothing to send',
        type: 'transform',
        config: { fields: { note: 'No customer had {{ parameter.minimum_orders }} orders' } },
        depends_on: [{ step: 'any_found', branch: 'false' }],
      },
      {
        id: 'summary',
        name: 'Summary',
        type: 'transform',
        config: {
          fields: {
            read: '{{ steps.select.output.read }}',
            selected: '{{ $count(steps.select.output.customers) }}',
            delivered: '{{ steps.deliver.status = "completed" }}',
          },
        },
        depends_on: ['deliver', 'nothing_found'],
      },
    ],
  },
};
