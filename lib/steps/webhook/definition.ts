import { z } from 'zod';
import { Duration } from '#lib/workflow/definition.ts';
import { type StepDefinition, stepConfig } from '#lib/workflow/step-type.ts';
import { shortUrl } from '../card-line.ts';
import { field } from '../field.ts';

const config = stepConfig((value) =>
  z.strictObject({
    url: field(value(z.url({ protocol: /^https?$/, error: 'Must be a full URL that starts with http:// or https://' })), {
      title: 'URL',
      description: 'Where the payload is delivered, by POST.',
      examples: ['https://example.com/hooks/orders', '{{ mock.url }}/sink'],
    }),
    payload: field(value(z.json()).optional(), {
      title: 'Payload',
      description: 'What is sent, as JSON. Without it: the ids of the run, the workflow and the step.',
      examples: [{ type: 'order.paid', data: { id: '{{ input.id }}' } }],
      widget: 'json',
    }),
    headers: field(
      value(z.record(z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'Must be a header name'), value(z.string()))).optional(),
      {
        title: 'Headers',
        description: 'Sent beside those of the signature.',
        widget: 'key-value',
        advanced: true,
      },
    ),
    secret: field(value(z.string().min(1).max(1000)).optional(), {
      title: 'Signing secret',
      description:
        'Signs each delivery as Standard Webhooks says (webhook-id, webhook-timestamp, webhook-signature). Text, or base64 after whsec_.',
      examples: ['{{ secrets.WEBHOOK_SECRET }}'],
    }),
    former_secret: field(value(z.string().min(1).max(1000)).optional(), {
      title: 'Former signing secret',
      description: 'Signs each delivery too, while receivers change over to a new secret.',
      examples: ['{{ secrets.OLD_WEBHOOK_SECRET }}'],
      advanced: true,
    }),
    attempts: field(value(z.int().min(1).max(10)).optional(), {
      title: 'Attempts',
      description:
        'Quick attempts within the step, 3 by default, half a second and more apart, or as Retry-After asks up to 30 s. For longer patience give the step a retry.',
      advanced: true,
    }),
    timeout: field(value(Duration).optional(), {
      title: 'Timeout of one attempt',
      description: '15 seconds by default.',
      examples: ['15s'],
      widget: 'duration',
      advanced: true,
    }),
  }),
);

export type WebhookConfig = z.infer<typeof config.resolved>;

export const webhook: StepDefinition = {
  type: 'webhook',
  title: 'Webhook',
  summary: 'Deliver a signed payload',
  category: 'action',
  icon: 'webhook',
  docs: [
    'Delivers a payload by POST and gives `{ status_code, delivered_at, attempts, webhook_id }`. A delivery that fails is tried again; the id stays the same over',
    'every attempt, so a receiver can tell repetitions. With a secret it is signed as [Standard Webhooks](https://www.standardwebhooks.com) says.',
  ].join('\n'),
  config,
  initialConfig: { url: '{{ mock.url }}/sink', payload: { event: 'done', run: '{{ run.id }}' } },
  branches: () => [],
  describe: (values) => `POST ${shortUrl(values.url)}`.trim(),
  pure: false,
  onCrash: () => 'retry-with-key',
  defaultTimeout: 300_000,
  expressionKeys: [],
  rawKeys: [],
  exampleOutput: { status_code: 200, delivered_at: '2026-01-01T00:00:00.000Z', attempts: 1, webhook_id: 'msg_2f1c' },
};
