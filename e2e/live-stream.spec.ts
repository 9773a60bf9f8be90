import { expect, test } from './fixtures.ts';
import { RunPage } from './pages/run-page.ts';

function slowChain(ms: number) {
  const slow = { type: 'http_request', config: { method: 'GET', url: `{{ mock.url }}/slow?ms=${ms}` } };
  return {
    name: 'Rebuild the search index',
    steps: [
      { id: 'export', name: 'Export', ...slow },
      { id: 'index', name: 'Index', ...slow, depends_on: ['export'] },
      { id: 'swap', name: 'Swap', ...slow, depends_on: ['index'] },
    ],
  };
}

test('the page of a run follows it live, and a reload in the middle loses nothing', async ({ page, api }) => {
  const workflow = await api.workflow(slowChain(4000));
  const started = await api.call<{ run_id: string }>('POST', `/api/workflows/${workflow}/run`, { input_data: {} });
  const run = await new RunPage(page).open(started.body.run_id);
  await run.expectStep('export', 'running');
  await run.expectStep('swap', 'unreached');
  await run.expectStep('index', 'running');
  await expect(run.card('export')).toHaveAttribute('data-status', 'completed');

  await page.reload();
  await run.arrived();
  await expect(run.card('export')).toHaveAttribute('data-status', 'completed');
  await run.expectStatus('Completed');
  await run.expectStep('swap', 'completed');
  const events = await api.events(started.body.run_id);
  await expect(page.getByRole('tab', { name: `Events ${events.length}` })).toBeVisible();
  await expect(run.log.getByRole('button', { name: /Completed/ })).toHaveCount(3);
});

test('a run is cancelled from its page: what ran stops, what had not started is skipped', async ({ page, api }) => {
  const workflow = await api.workflow(slowChain(25_000));
  const started = await api.call<{ run_id: string }>('POST', `/api/workflows/${workflow}/run`, { input_data: {} });
  const run = await new RunPage(page).open(started.body.run_id);
  await run.expectStep('export', 'running');
  await page.getByRole('button', { name: 'Cancel run' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel this run?' });
  await expect(dialog).toContainText('0 of 3 steps have ended');
  await dialog.getByRole('button', { name: 'Cancel run' }).click();
  await run.expectStatus('Cancelled');
  await run.expectStep('export', 'cancelled');
  const ended = await api.call<{ run: { status: string } }>('GET', `/api/workflows/runs/${started.body.run_id}`);
  expect(ended.body.run.status).toBe('cancelled');
  await run.runAgain();
  await run.expectStep('export', 'running');
  await page.getByRole('button', { name: 'Cancel run' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel run' }).click();
  await run.expectStatus('Cancelled');
});
