import { expect, test } from './fixtures.ts';
import { RunPage } from './pages/run-page.ts';

interface RunAnswer {
  run: { status: string; version: number | null; output: unknown; error: { code: string } | null };
}

const PAYMENT = {
  name: 'Pay an invoice',
  steps: [
    {
      id: 'ask',
      name: 'Ask the boss',
      type: 'approval',
      config: {
        message: 'Pay **{{ input.amount }}** to {{ input.name }}?',
        form: { type: 'object', properties: { reason: { type: 'string', title: 'Reason' } }, required: ['reason'] },
      },
    },
    {
      id: 'pay',
      name: 'Pay it',
      type: 'transform',
      config: { fields: { why: '{{ steps.ask.output.form.reason }}' } },
      depends_on: [{ step: 'ask', branch: 'approved' }],
    },
  ],
};

test('a run asks, a person approves with a form, and it goes on', async ({ page, api }) => {
  const workflow = await api.workflow(PAYMENT);
  const name = `Ada ${Date.now()}`;
  const started = await api.call<{ run_id: string }>('POST', `/api/workflows/${workflow}/run`, { input_data: { amount: 120, name } });
  await page.goto('/');
  await page
    .getByRole('link', { name: /^Approvals/ })
    .first()
    .click();
  const card = page.getByRole('article').filter({ hasText: name });
  await expect(card).toContainText(`Pay 120 to ${name}?`);
  await card.getByRole('button', { name: 'Approve' }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve?' });
  await dialog.getByLabel(/Reason/).fill('Within budget');
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await expect(card).toHaveCount(0);
  const run = await new RunPage(page).open(started.body.run_id);
  await run.expectStatus('Completed');
  await run.select('pay');
  await expect(run.section('Output')).toContainText('Within budget');
});

test('a waiting step takes its decision and its event on the page of the run', async ({ page, api }) => {
  const workflow = await api.workflow({
    name: 'Ask, then wait',
    steps: [
      { id: 'ask', name: 'Ask the boss', type: 'approval', config: { message: 'Go on?' } },
      { id: 'paid', name: 'Payment', type: 'wait', config: { event_type: 'payment' }, depends_on: ['ask'] },
    ],
  });
  const started = await api.call<{ run_id: string }>('POST', `/api/workflows/${workflow}/run`, {});
  const run = await new RunPage(page).open(started.body.run_id);
  await run.expectStep('ask', 'waiting');
  await run.select('ask');
  await run.inspector.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await run.expectStep('paid', 'waiting');
  await run.select('paid');
  await run.inspector.getByRole('button', { name: 'Send event' }).click();
  await run.expectStatus('Completed');
});

test('a hook is made, called, and its call is replayed', async ({ page, api }) => {
  const workflow = await api.workflow({
    name: 'Take orders',
    steps: [{ id: 'take', type: 'transform', config: { fields: { order: '{{ input.body.order }}' } } }],
  });
  await api.call('PATCH', `/api/workflows/${workflow}/status`, { status: 'active' });
  await page.goto(`/workflows/${workflow}/hooks`);
  await page.getByRole('button', { name: 'New hook' }).click();
  const dialog = page.getByRole('dialog', { name: 'New hook' });
  await dialog.getByLabel(/^Name/).fill('Shop');
  await dialog.getByRole('button', { name: 'Create hook' }).click();
  const shown = page.getByRole('dialog', { name: 'Copy the address of Shop' });
  const address = (await shown.locator('code').textContent()) ?? '';
  await shown.getByRole('button', { name: 'Done' }).click();
  const answer = await fetch(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"order":"A-17"}' });
  expect(answer.status).toBe(202);
  const { run_id: runId } = (await answer.json()) as { run_id: string };
  await api.events(runId);
  const got = await api.call<RunAnswer>('GET', `/api/workflows/runs/${runId}`);
  expect(got.body.run).toMatchObject({ status: 'completed', output: { take: { order: 'A-17' } } });
  const card = page.getByRole('article', { name: 'Shop' });
  await card.getByRole('button', { name: 'Show calls' }).click();
  await card
    .getByRole('list', { name: 'Calls' })
    .getByRole('button', { name: /Started a run/ })
    .click();
  const sheet = page.getByRole('dialog', { name: 'Call' });
  await expect(sheet.getByRole('region', { name: 'Body' })).toContainText('A-17');
  await sheet.getByRole('button', { name: 'Replay', exact: true }).click();
  const run = await new RunPage(page).arrived();
  expect(run.id()).not.toBe(runId);
  await run.expectStatus('Completed');
});

test('checklist #139, #144, #145: programs send events: any JSON, names and sizes within limits, refusals in one form', async ({ api }) => {
  const workflow = await api.workflow({ name: 'Wait', steps: [{ id: 'w', type: 'wait', config: { event_type: 'paid', timeout: '1h' } }] });
  const { run_id: runId } = (await api.call<{ run_id: string }>('POST', `/api/workflows/${workflow}/run`, {})).body;
  const send = (type: string, body: unknown, headers = {}) =>
    api.call<{ error: string }>('POST', `/api/workflows/runs/${runId}/events/${type}`, body, headers);
  expect((await send('x'.repeat(101), {})).status).toBe(422);
  const large = await send('paid', { text: 'x'.repeat(1024 * 1024) });
  expect([large.status, large.body.error]).toEqual([413, 'payload_too_large']);
  expect((await send('x'.repeat(100), [1, 'two', null])).status).toBe(202);
  expect((await send('paid', { amount: 3 }, { 'idempotency-key': runId })).status).toBe(202);
  await api.events(runId);
  const got = await api.call<RunAnswer>('GET', `/api/workflows/runs/${runId}`);
  expect(got.body.run).toMatchObject({ status: 'completed', output: { w: { event_type: 'paid', payload: { amount: 3 } } } });
  const late = await send('paid', {});
  expect([late.status, late.body.error]).toEqual([409, 'conflict']);
});
