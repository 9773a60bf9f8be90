import { expect, test } from './fixtures.ts';
import { EditorPage } from './pages/editor-page.ts';
import { RunPage } from './pages/run-page.ts';

/** `charge` answers 503 for the first two tries of each run, so that each run fails once and can be resumed. */
const ORDER = {
  name: 'Place an order',
  steps: [
    { id: 'stock', name: 'Look at the stock', type: 'http_request', config: { method: 'GET', url: '{{ mock.url }}/paged?total=3' } },
    {
      id: 'charge',
      name: 'Charge the card',
      type: 'http_request',
      depends_on: ['stock'],
      config: { method: 'GET', url: '{{ mock.url }}/flaky?key={{ run.id }}&fail=1' },
    },
    {
      id: 'receipt',
      name: 'Write the receipt',
      type: 'transform',
      depends_on: ['charge'],
      config: { expression: '{ "items": $count(steps.stock.output.body.items) }' },
    },
  ],
};

test('checklist #118: a failed run is resumed from the step that failed; what was before it is kept', async ({ page, api }) => {
  const editor = new EditorPage(page);
  await editor.open(await api.workflow(ORDER));
  const run = await editor.run({});
  await run.expectStatus('Failed');
  await expect(run.inspector.getByRole('heading', { name: 'Charge the card' })).toBeVisible();
  await run.inspector.getByRole('button', { name: 'Resume from here' }).click();
  const dialog = page.getByRole('dialog', { name: 'Resume from charge?' });
  await expect(dialog).toContainText('Runs 2 steps');
  await expect(dialog).toContainText('charge, receipt');
  await expect(dialog).toContainText('Keeps 1 result');
  await dialog.getByRole('button', { name: 'Resume', exact: true }).click();
  await run.expectStatus('Completed');
  const id = run.id();
  await run.expectStep('receipt', 'completed');
  await run.select('charge');
  await expect(run.inspector.getByRole('region', { name: 'Attempts' }).getByRole('listitem')).toHaveCount(2);
  const { body } = await api.call<{ run: { step_runs: { step_id: string; attempts: unknown[] }[] } }>('GET', `/api/workflows/runs/${id}`);
  expect(body.run.step_runs.map((step) => step.attempts.length)).toEqual([1, 2, 1]);
});

test('a run is forked with another output of a step before; the first one stays as it is', async ({ page, api }) => {
  const workflow = await api.workflow(ORDER);
  const first = await api.finishedRun(workflow);
  const run = await new RunPage(page).open(first);
  await run.select('receipt');
  await run.inspector.getByRole('button', { name: 'Fork from here' }).click();
  const dialog = page.getByRole('dialog', { name: 'Fork from receipt?' });
  await expect(dialog).toContainText('Runs');
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await run.select('charge');
  await run.inspector.getByRole('button', { name: 'Fork from here' }).click();
  const fork = page.getByRole('dialog', { name: 'Fork from charge?' });
  await fork.getByRole('combobox', { name: 'Change an output' }).click();
  await page.getByRole('option', { name: 'stock' }).click();
  const output = fork.getByRole('textbox', { name: 'Output of stock' });
  await output.click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText('{ "body": { "items": [1, 2, 3, 4, 5] } }');
  await expect(fork).toContainText('Changed: stock');
  await fork.getByRole('button', { name: 'Fork', exact: true }).click();
  await page.waitForURL((url) => url.pathname.startsWith('/runs/') && !url.pathname.endsWith(first));
  await run.arrived();
  await run.expectStep('stock', 'completed');
  await run.expectStatus('Failed');
  await run.inspector.getByRole('button', { name: 'Resume from here' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume', exact: true }).click();
  await run.expectStatus('Completed');
  await run.select('receipt');
  await expect(run.section('Output')).toContainText('items5');
  await run.select('stock');
  await expect(run.inspector).toContainText('kept from');
  const { body } = await api.call<{ run: { status: string } }>('GET', `/api/workflows/runs/${first}`);
  expect(body.run.status).toBe('failed');
});

test('checklist #126: many runs are cancelled at once, and who did it is in the audit log', async ({ page, api }) => {
  const workflow = await api.workflow({ name: 'Wait for the night', steps: [{ id: 'night', type: 'wait', config: { duration: '8h' } }] });
  for (const _ of [1, 2, 3]) {
    const started = await api.call<{ run_id: string }>('POST', `/api/workflows/${workflow}/run`, {});
    expect(started.status).toBe(202);
  }
  await page.goto(`/workflows/${workflow}/runs`);
  const table = page.getByRole('table', { name: 'Runs' });
  await expect(table.getByText('Waiting')).toHaveCount(6);
  await table.getByRole('checkbox', { name: 'Choose all runs' }).click();
  const bar = page.getByRole('toolbar', { name: 'Chosen runs' });
  await expect(bar).toContainText('3 chosen');
  await bar.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel 3 runs' }).click();
  await expect(table.getByText('Cancelled')).toHaveCount(6);
  await page.goto('/settings');
  const log = page.getByRole('table', { name: 'Audit log' });
  await expect(log.getByText('Cancelled a run')).not.toHaveCount(0);
});

test('checklist #119, #115: a run is paused and resumed in its page', async ({ page, api }) => {
  const workflow = await api.workflow({ name: 'Short nap', steps: [{ id: 'nap', type: 'wait', config: { duration: '20s' } }] });
  const started = await api.call<{ run_id: string }>('POST', `/api/workflows/${workflow}/run`, {});
  const run = await new RunPage(page).open(started.body.run_id);
  await run.expectStatus('Waiting');
  await page.getByRole('button', { name: 'Pause' }).click();
  await run.expectStatus('Paused');
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await run.expectStatus('Waiting');
  await page.getByRole('button', { name: 'Cancel run' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel run' }).click();
  await run.expectStatus('Cancelled');
});

test('a step is given an undo in the editor; a cancel with undo takes back what it did, and says so', async ({ page }) => {
  const editor = new EditorPage(page);
  await editor.createFromList('Reserve a room');
  await editor.addByKeyboard('http request');
  await editor.rename('Id of the step', 'reserve');
  await editor.setField('URL', '{{ mock.url }}/echo?room=12');
  await editor.addRule('Undo');
  await editor.rule('Undo').getByRole('textbox', { name: /^URL/ }).fill('{{ mock.url }}/echo?free={{ steps.reserve.output.status_code }}');
  await editor.select('reserve');
  await editor.addByKeyboard('wait');
  await editor.rename('Id of the step', 'stay');
  await editor.setField('Time', '1h');
  await expect(editor.edge('reserve', 'stay')).toBeAttached();
  await editor.saveVersion('A room that is given back', 1);

  const run = await editor.run({});
  await run.expectStep('stay', 'waiting');
  await page.getByRole('button', { name: 'Cancel run' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel this run?' });
  await dialog.getByRole('checkbox', { name: /Undo what 1 step did/ }).click();
  await dialog.getByRole('button', { name: 'Cancel and undo' }).click();
  await run.expectStatus('Cancelled');
  await expect(run.inspector).toContainText('Undone completely, 1 step.');
  await run.expectStep('stay', 'cancelled');
  // What was taken back doesn't look like what was done.
  await run.expectStep('reserve', 'cancelled');
  await expect(run.log).toContainText('Undone');
});
