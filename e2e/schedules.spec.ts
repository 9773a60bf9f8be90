import { expect, test } from './fixtures.ts';
import { RunPage } from './pages/run-page.ts';

test('a schedule is made, seen ahead, run now, paused and taken away', async ({ page, api }) => {
  const name = `Close the books ${Date.now()}`;
  const workflow = await api.workflow({
    name,
    steps: [{ id: 'close', type: 'transform', config: { fields: { region: '{{ input.region }}' } } }],
  });
  await api.call('PATCH', `/api/workflows/${workflow}/status`, { status: 'active' });
  await page.goto(`/workflows/${workflow}/schedules`);
  await page.getByRole('button', { name: 'New schedule' }).click();
  const dialog = page.getByRole('dialog', { name: 'New schedule' });
  await dialog.getByLabel(/^Name/).fill('Nightly');
  const cron = dialog.getByLabel(/^Cron expression/);
  await cron.fill('61 2 * * *');
  await dialog.getByRole('button', { name: 'Create schedule' }).click();
  await expect(cron, 'no hour has 61 minutes').toHaveAttribute('aria-invalid', 'true');
  await cron.fill('30 2 * * *');
  await expect(dialog.getByText('At 02:30')).toBeVisible();
  await dialog.getByRole('button', { name: 'Create schedule' }).click();
  const table = page.getByRole('table', { name: 'Schedules' });
  await table.getByRole('button', { name: 'Nightly', exact: true }).click();
  const details = page.getByRole('dialog', { name: 'Nightly' });
  await expect(details.getByRole('list', { name: 'Next due times' }).getByRole('listitem')).toHaveCount(10);
  await details.getByRole('button', { name: 'Close' }).hover();
  await expect(page.getByRole('tooltip')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(details, 'one key closes it, the tooltip above it or not').toHaveCount(0);

  const menu = table.getByRole('button', { name: 'Actions for Nightly' });
  await menu.click();
  await page.getByRole('menuitem', { name: 'Pause' }).click();
  await expect(table.getByText('Paused', { exact: true })).toBeVisible();
  await menu.click();
  await page.getByRole('menuitem', { name: 'Run now' }).click();
  await page.getByRole('button', { name: 'Open' }).click();
  const run = await new RunPage(page).arrived();
  await run.expectStatus('Completed');

  await page.goto('/schedules');
  const row = table.getByRole('row').filter({ hasText: name });
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/backfill')) asked += 1;
  });
  await row.getByRole('button', { name: 'Actions for Nightly' }).click();
  await page.getByRole('menuitem', { name: 'Backfill…' }).click();
  const backfill = page.getByRole('dialog', { name: 'Run past due times?' });
  const today = new Date().toISOString().slice(0, 10);
  await backfill.getByLabel('Last day').fill(today);
  await expect(backfill.getByText(/\d runs? in this range/), 'a range that ends today is counted').toBeVisible();
  expect(asked, 'once for each range').toBeLessThanOrEqual(2);
  await backfill.getByRole('button', { name: 'Cancel' }).click();

  await row.getByRole('button', { name: 'Actions for Nightly' }).click();
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete schedule' }).click();
  await expect(row).toHaveCount(0);
});
