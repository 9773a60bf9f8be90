/** A workflow that loops, asks a person and can be undone, with a schedule and a hook: what most screens of runs show. */

type Call = <T>(method: string, path: string, body?: object) => Promise<T>;

export interface Payments {
  readonly payments: string;
  /** It waits for a decision. */
  readonly waitingRun: string;
  /** Its loop has ended, and so has everything after it. */
  readonly paidRun: string;
}

const place = (column: number, row = 0) => ({ position: { x: column * 336, y: row * 112 } });

const DEFINITION = {
  name: 'Pay suppliers',
  description: 'Checks each open invoice, asks accounting, pays and tells the suppliers',
  steps: [
    {
      id: 'invoices',
      name: 'Open invoices',
      type: 'http_request',
      config: { method: 'GET', url: '{{ mock.url }}/paged?total=12&per_page=12' },
      ...place(0, 0.5),
    },
    {
      id: 'check',
      name: 'Check each invoice',
      type: 'loop',
      depends_on: ['invoices'],
      config: {
        items: 'steps.invoices.output.body.items',
        concurrency: 4,
        mode: 'all_settled',
        steps: [
          {
            id: 'supplier',
            name: 'Look up supplier',
            type: 'http_request',
            config: { method: 'GET', url: '{{ mock.url }}/echo?id={{ item.id }}' },
          },
          {
            id: 'amount',
            name: 'Amount due',
            type: 'transform',
            depends_on: ['supplier'],
            config: { fields: { supplier: '{{ item.name }}', amount: '{{ item.orders * 120 }}' } },
          },
        ],
      },
      ...place(1, 0.5),
    },
    {
      id: 'decide',
      name: 'Accounting decides',
      type: 'approval',
      depends_on: ['check'],
      timeout: '2d',
      config: {
        message: 'Pay **{{ $count(steps.check.output) }} invoices** of this week?',
        form: {
          type: 'object',
          required: ['account'],
          properties: {
            account: { type: 'string', title: 'Pay from account', enum: ['Main', 'Reserve'] },
            note: { type: 'string', title: 'Note for the books' },
          },
        },
      },
      ...place(2, 0.5),
    },
    {
      id: 'pay',
      name: 'Pay',
      type: 'webhook',
      depends_on: [{ step: 'decide', branch: 'approved' }],
      config: { url: '{{ mock.url }}/sink', payload: { from: '{{ steps.decide.output.form.account }}' } },
      undo: { type: 'webhook', config: { url: '{{ mock.url }}/sink?undo' } },
      ...place(3),
    },
    {
      id: 'postpone',
      name: 'Postpone to next week',
      type: 'wait',
      depends_on: [{ step: 'decide', branch: 'rejected' }],
      config: { duration: '7d' },
      ...place(3, 1),
    },
    {
      id: 'tell',
      name: 'Tell suppliers',
      type: 'webhook',
      depends_on: ['pay', 'postpone'],
      join: 'any',
      config: { url: '{{ mock.url }}/sink?tell', payload: { paid: '{{ $exists(steps.pay.output) }}' } },
      ...place(4, 0.5),
    },
  ],
};

/** Makes it, decides one of its two runs, and leaves the other to be decided. */
export async function makePayments(call: Call, startAt: (workflow: string) => Promise<string>): Promise<Payments> {
  const { id: payments } = await call<{ id: string }>('POST', '/api/workflows', {
    definition: DEFINITION,
    tags: ['accounting', 'payments'],
  });
  await call('PATCH', `/api/workflows/${payments}/status`, { status: 'active' });
  await call('POST', `/api/workflows/${payments}/schedules`, {
    cron_expression: '30 9 * * fri',
    timezone: 'Europe/Berlin',
    input_data: {},
  });
  await call('POST', `/api/workflows/${payments}/schedules`, { cron_expression: '0 7 1 * *', timezone: 'Europe/Berlin', input_data: {} });
  const { path } = await call<{ path: string }>('POST', `/api/workflows/${payments}/hooks`, { name: 'Accounting system' });
  const paidRun = await startAt(payments);
  const decision = { decision: 'approved', form: { account: 'Main', note: 'Second week of November' } };
  await call('POST', `/api/approvals/${await openApproval(call, paidRun)}`, decision);
  await ended(call, paidRun);
  await call('POST', path, { week: 47, reason: 'closing' });
  const waitingRun = await startAt(payments);
  await openApproval(call, waitingRun);
  return { payments, waitingRun, paidRun };
}

async function openApproval(call: Call, run: string): Promise<string> {
  for (;;) {
    const { approvals } = await call<{ approvals: { id: string; run_id: string }[] }>('GET', '/api/approvals');
    const found = approvals.find((one) => one.run_id === run);
    if (found !== undefined) return found.id;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function ended(call: Call, run: string): Promise<void> {
  for (;;) {
    const { run: shown } = await call<{ run: { completed_at: string | null } }>('GET', `/api/workflows/runs/${run}`);
    if (shown.completed_at !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
