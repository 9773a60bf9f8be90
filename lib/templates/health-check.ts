import type { WorkflowTemplate } from './template.ts';

export const healthCheck: WorkflowTemplate = {
  id: 'tpl_health_check',
  name: 'Health check with retry and alert',
  description: 'Asks a service whether it is well, patiently, and raises an alert only when every attempt has failed.',
  category: 'Monitoring',
  tags: ['http', 'retry', 'alert', 'error handling'],
  needs: [],
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['service_url', 'alert_url'],
    properties: {
      service_url: {
        type: 'string',
        title: 'Address to check',
        description: 'The mock server’s flaky endpoint fails twice and then answers, anew for each run.',
        default: '{{ mock.url }}/flaky?key={{ run.id }}&fail=2',
      },
      attempts: {
        type: 'integer',
        title: 'Attempts',
        description: 'How often it is asked before an alert is raised.',
        minimum: 1,
        maximum: 20,
        default: 3,
      },
      delay: {
        type: 'string',
        title: 'Pause between attempts',
        description: 'For example 500ms, 5s, 1 minute.',
        default: '1s',
      },
      alert_url: {
        type: 'string',
        title: 'Alert to',
        description: 'Address that the alert is posted to.',
        default: '{{ mock.url }}/sink',
      },
    },
  },
  readme: `## What it does
1. **Check** asks the service, up to the number of attempts, with a pause between them.
2. **Healthy** runs when an answer came; **Alert** runs on the *error* branch, when none did. Because the failure is handled there, the run completes.
3. **Report** runs after either and is the output of the run.

## Try it
It runs as it is, offline: the mock server fails twice, so the third attempt is well. Install it with 2 attempts to see the alert, or put
\`fail=9\` into the address.

## Change first
The two addresses, then give the workflow a schedule.
`,
  definition: {
    name: 'Health check with retry and alert',
    description: 'Checks a service and alerts when every attempt has failed.',
    output: 'report',
    steps: [
      {
        id: 'check',
        name: 'Check',
        type: 'http_request',
        config: { method: 'GET', url: '{{ parameter.service_url }}', timeout: '10s' },
        depends_on: [],
        retry: { max_attempts: '{{ parameter.attempts }}', delay: '{{ parameter.delay }}', backoff: 'constant' },
        timeout: '30s',
      },
      {
        id: 'healthy',
        name: 'Healthy',
        type: 'transform',
        config: { fields: { status_code: '{{ steps.check.output.status_code }}' } },
        depends_on: ['check'],
      },
      {
        id: 'alert',
        name: 'Alert',
        type: 'webhook',
        config: {
          url: '{{ parameter.alert_url }}',
          payload: {
            type: 'service.down',
            run: '{{ run.id }}',
            message: 'The service did not answer after {{ parameter.attempts }} attempts: {{ steps.check.error.message }}',
          },
        },
        depends_on: [{ step: 'check', branch: 'error' }],
      },
      {
        id: 'report',
        name: 'Report',
        type: 'transform',
        config: {
          fields: {
            healthy: '{{ steps.check.status = "completed" }}',
            alerted: '{{ steps.alert.status = "completed" }}',
            checked_at: '{{ $now() }}',
          },
        },
        depends_on: ['healthy', 'alert'],
      },
    ],
  },
};
