import { z } from 'zod';
import { Duration } from '#lib/workflow/definition.ts';
import { type StepDefinition, stepConfig } from '#lib/workflow/step-type.ts';
import { shortExpression, shortLine, shortUrl } from '../card-line.ts';
import { field } from '../field.ts';
import { httpAuth } from './auth.ts';

export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

const HttpUrl = z.url({ protocol: /^https?$/, error: 'Must be a full URL that starts with http:// or https://' });
const Scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'Must be text, a number, true or false' });
const Status = z.union(
  [z.int().min(100).max(599), z.string().regex(/^([1-5]xx|[1-5]\d\d|any)$/, 'Must be a status such as 404, a class such as 4xx, or any')],
  {
    error: 'Must be a status such as 404, a class such as 4xx, or any',
  },
);

const config = stepConfig((value) =>
  z.strictObject({
    method: field(value(z.enum(HTTP_METHODS)).default('GET'), {
      title: 'Method',
      description: 'GET reads; POST, PUT, PATCH and DELETE change something and carry an Idempotency-Key.',
      widget: 'select',
    }),
    url: field(value(HttpUrl), {
      title: 'URL',
      description: 'The full address. Expressions may stand anywhere in it.',
      examples: ['https://api.example.com/users', 'https://api.example.com/users/{{ input.id }}', '{{ mock.url }}/echo'],
    }),
    query: field(value(z.record(z.string(), value(z.union([Scalar, z.array(Scalar)])))).optional(), {
      title: 'Query',
      description: 'Added to the URL and encoded. A list repeats its name; a parameter without a value is left out.',
      examples: [{ page: 1, filter: '{{ input.filter }}' }],
      widget: 'key-value',
    }),
    headers: field(value(z.record(z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'Must be a header name'), value(Scalar))).optional(), {
      title: 'Headers',
      description: 'Sent as they are. Authorization goes here too.',
      examples: [{ Authorization: 'Bearer {{ input.token }}', Accept: 'application/json' }],
      widget: 'key-value',
    }),
    body: field(value(z.json()).optional(), {
      title: 'Body',
      description: 'What is sent. A value is sent as JSON, a text as text, unless the body type says otherwise.',
      examples: [{ name: '{{ input.name }}' }],
      widget: 'json',
      showWhen: { field: 'method', is: ['POST', 'PUT', 'PATCH', 'DELETE'] },
    }),
    body_type: field(value(z.enum(['json', 'form', 'multipart', 'text', 'base64'])).optional(), {
      title: 'Body type',
      description:
        'json sends JSON; form and multipart send the members of an object as form fields; text sends text as it is; base64 sends the bytes. A multipart file is { filename, content_type, base64 or text }.',
      widget: 'select',
      showWhen: { field: 'method', is: ['POST', 'PUT', 'PATCH', 'DELETE'] },
    }),
    auth: field(httpAuth(value).optional(), {
      title: 'Sign-in',
      description: 'How the request proves who sends it. Keep the key under Settings → Secrets and write {{ secrets.NAME }} here.',
      examples: [{ type: 'bearer', token: '{{ secrets.API_TOKEN }}' }],
      widget: 'group',
    }),
    response: field(value(z.enum(['auto', 'json', 'text', 'base64'])).optional(), {
      title: 'Read the answer as',
      description: 'auto reads JSON where the answer is JSON, else text, else base64. json fails where it is no JSON.',
      widget: 'select',
      unset: 'auto',
      advanced: true,
    }),
    accept_statuses: field(value(z.array(value(Status)).max(100)).optional(), {
      title: 'Accepted statuses',
      description: 'Any other status fails the step. Without it, every 2xx is accepted.',
      examples: [[200, 404], ['2xx', '4xx'], ['any']],
      widget: 'json',
      advanced: true,
    }),
    retry_statuses: field(value(z.array(value(Status)).max(100)).optional(), {
      title: 'Statuses worth a retry',
      description: 'With these, the retry rule of the step tries again; without it, with 408, 425, 429 and 5xx. Retry-After is honoured.',
      examples: [[409, '5xx'], []],
      widget: 'json',
      advanced: true,
    }),
    follow_redirects: field(value(z.boolean()).optional(), {
      title: 'Follow redirects',
      description: 'On by default, at most 10. Off, a redirect is an answer with a 3xx status.',
      widget: 'toggle',
      unset: 'Default (on)',
      advanced: true,
    }),
    timeout: field(value(Duration).optional(), {
      title: 'Timeout of one request',
      description: 'Each request of the step may take this long; the step itself has its own timeout.',
      examples: ['30s'],
      widget: 'duration',
      advanced: true,
    }),
    paging: field(
      z
        .strictObject({
          mode: field(z.enum(['next_link', 'cursor', 'page']), {
            title: 'Kind',
            description: 'next_link follows an address in the answer, cursor sends a token back, page counts pages up.',
            widget: 'select',
            unset: 'None',
          }),
          items: field(z.string().max(500).optional(), {
            title: 'Path of the items',
            description: 'Where the list stands in each answer; the lists are joined. Empty: the answer itself is the list.',
            examples: ['items', 'data.results'],
          }),
          next: field(z.string().min(1).max(500).optional(), {
            title: 'Path of the next link or cursor',
            description: 'Where the answer says how to go on. Without it: the Link header, or next_cursor. Nothing there ends the paging.',
            examples: ['next', 'meta.next_cursor'],
          }),
          parameter: field(z.string().min(1).max(200).optional(), {
            title: 'Query parameter',
            description: 'The parameter that takes the cursor or the page number: cursor, or page, by default.',
          }),
          start: field(z.int().min(0).optional(), { title: 'First page', description: 'Number of the first page, 1 by default.' }),
          max_pages: field(z.int().min(1).max(1000).optional(), {
            title: 'At most this many pages',
            description: '100 by default. More pages than that fail the step, so that nothing is missing in silence.',
          }),
        })
        .optional(),
      {
        title: 'Paging',
        description: 'Reads all pages of a list and gives one list as body.',
        examples: [{ mode: 'next_link', items: 'items', next: 'next' }],
        widget: 'group',
        advanced: true,
      },
    ),
  }),
);

export type HttpRequestConfig = z.infer<typeof config.resolved>;

export const httpRequest: StepDefinition = {
  type: 'http_request',
  title: 'HTTP request',
  summary: 'Call an API and use its answer',
  category: 'action',
  icon: 'globe',
  docs: [
    'Sends one request and gives `{ status_code, headers, body }`. A JSON answer is parsed. A status outside of 2xx fails the step with code',
    '`HTTP_STATUS` (connect its **error** branch, or name accepted statuses); 408, 425, 429 and 5xx are worth a retry, no sooner than `Retry-After` says.',
    'An answer that is no text comes as base64, and `encoding` says so.',
    '',
    'POST, PUT, PATCH and DELETE carry an `Idempotency-Key` that stays the same over retries. Addresses inside the own network are refused',
    'unless the administrator lists them in `EGRESS_ALLOW`. An answer may have 1 MiB.',
  ].join('\n'),
  config,
  initialConfig: { method: 'GET', url: '{{ mock.url }}/echo' },
  branches: () => [],
  describe: (values) => shortLine(`${typeof values.method === 'string' ? shortExpression(values.method) : 'GET'} ${shortUrl(values.url)}`),
  pure: false,
  onCrash: ({ method = 'GET' }) =>
    typeof method === 'string' && ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'].includes(method) ? 'retry' : 'retry-with-key',
  defaultTimeout: 300_000,
  expressionKeys: [],
  rawKeys: [],
  exampleOutput: { status_code: 200, headers: { 'content-type': 'application/json' }, body: { id: 1, name: 'Ada' } },
};
