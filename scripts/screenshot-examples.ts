import { makePayments, type Payments } from './screenshot-payments.ts';

/** The workflows and runs that the screenshots show, made by the API as a program would make them. */

export interface Examples extends Payments {
  /** Three versions, runs of all kinds. */
  readonly orders: string;
  /** A draft with problems. */
  readonly draft: string;
  /** A workflow whose draft differs from its version. */
  readonly changed: string;
  readonly empty: string;
  readonly completedRun: string;
  readonly failedRun: string;
  readonly startSlowRun: () => Promise<string>;
}

type Call = <T>(method: string, path: string, body?: object) => Promise<T>;
type Steps = readonly object[];

const http = (url: string) => ({ type: 'http_request', config: { method: 'GET', url } });
const place = (column: number, row = 0) => ({ position: { x: column * 336, y: row * 112 } });

function orderSteps(source: string, minimum: number): Steps {
  return [
    {
      id: 'fetch',
      name: 'Fetch orders',
      ...http(source),
      retry: { max_attempts: 3, delay: '300ms', backoff: 'constant' },
      timeout: '30s',
      ...place(0, 0.5),
    },
    {
      id: 'large',
      name: 'Any large order?',
      type: 'condition',
      depends_on: ['fetch'],
      config: { expression: `$max(steps.fetch.output.body.items.orders) >= ${minimum}` },
      ...place(1, 0.5),
    },
    {
      id: 'review',
      name: 'Set aside for review',
      type: 'transform',
      depends_on: [{ step: 'large', branch: 'true' }],
      config: { expression: `steps.fetch.output.body.items[orders >= ${minimum}].{ "customer": name, "orders": orders }` },
      ...place(2, 0),
    },
    {
      id: 'accept',
      name: 'Accept all',
      type: 'transform',
      depends_on: [{ step: 'large', branch: 'false' }],
      config: { fields: { accepted: '{{ $count(steps.fetch.output.body.items) }}' } },
      ...place(2, 1),
    },
    {
      id: 'report',
      name: 'Report',
      type: 'transform',
      depends_on: ['review', 'accept'],
      config: { fields: { orders: '{{ $count(steps.fetch.output.body.items) }}', source: '{{ steps.fetch.output.status_code }}' } },
      ...place(3, 0.5),
    },
    {
      id: 'tell',
      name: 'Tell accounting',
      type: 'webhook',
      depends_on: ['report'],
      config: { url: '{{ mock.url }}/sink', payload: { type: 'orders.imported', data: '{{ steps.report.output }}' } },
      ...place(4, 0.5),
    },
  ];
}

const ORDERS = {
  name: 'Import orders',
  description: 'Reads the shop’s new orders, sets large ones aside and tells accounting',
  input_schema: {
    type: 'object',
    properties: {
      shop: { type: 'string', title: 'Shop', examples: ['berlin'] },
      since: { type: 'string', title: 'Orders since', examples: ['2026-11-01'] },
    },
  },
};
const HEALTHY = '{{ mock.url }}/paged?total=24&per_page=12';

/** Others that make a list look like one at work: name, description, tags, and how their newest run ends. */
const OTHERS = [
  ['Nightly customer sync', 'Copies new customers into the newsletter', ['customers'], '{{ mock.url }}/paged?total=45'],
  ['Watch the status page', 'Asks every service whether it is well', ['monitoring'], '{{ mock.url }}/echo?service=checkout'],
  ['Invoice reminders', 'Reminds of invoices that are two weeks late', ['accounting'], '{{ mock.url }}/flaky?key={{ run.id }}&fail=9'],
  ['Rotate log archive', 'Moves logs older than a month', ['ops'], '{{ mock.url }}/echo?bucket=logs'],
  ['Weekly sales report', 'Sums up the week for the team', ['reports', 'accounting'], '{{ mock.url }}/paged?total=7'],
] as const;

export async function fillWithExamples(origin: string, firstKey: string): Promise<Examples> {
  let key = firstKey;
  const call: Call = async (method, path, body) => {
    const response = await fetch(new URL(path, origin), {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
  // Authors in the history are named after their keys.
  const scopes = ['workflows:read', 'workflows:write', 'runs:read', 'runs:write'];
  key = (await call<{ key: string }>('POST', '/api/keys', { name: 'Deploy pipeline', scopes })).key;
  const activate = (id: string) => call('PATCH', `/api/workflows/${id}/status`, { status: 'active' });
  const create = async (definition: object, more: object = {}) =>
    (await call<{ id: string }>('POST', '/api/workflows', { definition, ...more })).id;
  const start = async (id: string, input: object = {}) =>
    (await call<{ run_id: string }>('POST', `/api/workflows/${id}/run`, { input_data: input })).run_id;
  const finish = async (id: string, input: object = {}) => {
    const run = await start(id, input);
    // The stream closes when the run has ended.
    await (await fetch(new URL(`/api/workflows/runs/${run}/stream`, origin), { headers: { authorization: `Bearer ${key}` } })).text();
    return run;
  };

  const slow = await create({
    name: 'Rebuild search index',
    description: 'Exports, indexes and swaps, without a gap for readers',
    steps: [
      { id: 'export', name: 'Export products', ...http('{{ mock.url }}/echo?part=products') },
      { id: 'prices', name: 'Export prices', ...http('{{ mock.url }}/echo?part=prices') },
      { id: 'index', name: 'Index', ...http('{{ mock.url }}/slow?ms=20000'), depends_on: ['export', 'prices'] },
      { id: 'swap', name: 'Swap index', type: 'webhook', depends_on: ['index'], config: { url: '{{ mock.url }}/sink' } },
    ],
  });
  for (const [name, description, tags, url] of OTHERS) {
    const id = await create({ name, description, steps: [{ id: 'fetch', name: 'Fetch', ...http(url) }] }, { tags });
    await activate(id);
    for (let runs = 0; runs < 3 + (name.length % 5); runs += 1) await finish(id);
  }
  const draft = await create(
    {
      name: 'Refund a payment',
      description: 'Looks the payment up, refunds it and writes to the customer',
      steps: [
        { id: 'payment', name: 'Look up payment', ...http('{{ mock.url }}/echo?payment={{ input.payment }}') },
        { id: 'refund', name: 'Refund', type: 'webhook', depends_on: ['payment'], config: { payload: { id: '{{ input.payment }}' } } },
        {
          id: 'letter',
          name: 'Write to customer',
          type: 'transform',
          depends_on: ['refund'],
          config: { fields: { text: 'Dear {{ steps.customer.output.name }}' } },
        },
      ],
    },
    { draft: true, tags: ['payments'] },
  );
  const changed = await create({ ...ORDERS, name: 'Import returns', steps: orderSteps(HEALTHY, 20) }, { tags: ['orders'] });
  const { revision } = await call<{ revision: number }>('GET', `/api/workflows/${changed}/draft`);
  await call('PUT', `/api/workflows/${changed}/draft`, {
    definition: { ...ORDERS, name: 'Import returns', steps: orderSteps(HEALTHY, 12) },
    revision,
  });
  const empty = await create({ name: 'Untitled workflow', steps: [] }, { draft: true });

  const orders = await create({ ...ORDERS, steps: orderSteps(HEALTHY, 15) }, { tags: ['orders', 'accounting'] });
  const path = `/api/workflows/${orders}`;
  const input = { shop: 'berlin', since: '2026-11-01' };
  await activate(orders);
  for (let runs = 0; runs < 4; runs += 1) await finish(orders, input);
  const broken = orderSteps('{{ mock.url }}/flaky?key={{ run.id }}&fail=99', 15);
  await call('PUT', path, { definition: { ...ORDERS, steps: broken }, change_summary: 'Read from the new shop API' });
  const failedRun = await finish(orders, input);
  const mended = orderSteps(`${HEALTHY}&status=paid`, 20).filter((step) => (step as { id: string }).id !== 'accept');
  const audit = {
    id: 'audit',
    name: 'Keep for audit',
    type: 'webhook',
    depends_on: ['report'],
    config: { url: '{{ mock.url }}/sink?audit' },
    ...place(4, 1.5),
  };
  await call('PUT', path, {
    definition: { ...ORDERS, steps: [...mended.map(reportOnReview), audit] },
    change_summary: 'Back to the old API, paid orders only; keep an audit copy',
  });
  const completedRun = await finish(orders, input);
  for (let runs = 0; runs < 3; runs += 1) await finish(orders, input);
  return { ...(await makePayments(call, start)), orders, draft, changed, empty, completedRun, failedRun, startSlowRun: () => start(slow) };
}

function reportOnReview(step: object): object {
  return (step as { id: string }).id === 'report' ? { ...step, depends_on: ['review'] } : step;
}
