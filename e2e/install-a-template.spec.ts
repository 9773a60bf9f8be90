import { expect, test } from './fixtures.ts';
import { EditorPage } from './pages/editor-page.ts';

/** A person has a template running in less than this. */
const MINUTE = 60_000;

test('a person finds a template, installs it and sees it complete, offline and in under a minute', async ({ page }) => {
  const started = Date.now();
  await page.goto('/templates');
  await page.getByRole('searchbox').fill('paged');
  await page.getByRole('link', { name: 'Sync a paged API' }).click();
  await expect(page.getByRole('img', { name: /^Graph of Sync a paged API/ })).toBeVisible();
  const form = page.getByRole('region', { name: 'Install' });
  await form.getByLabel('Workflow name').fill('Sync customers');
  await form.getByRole('button', { name: 'Install' }).click();
  await page.waitForURL(/\/workflows\/wf_/);

  const editor = new EditorPage(page);
  await expect(page.getByRole('button', { name: 'Workflow name: Sync customers. Rename' })).toBeVisible();
  const run = await editor.run({});
  await run.expectStatus('Completed');
  expect(Date.now() - started).toBeLessThan(MINUTE);
});

test('a template that retries recovers by itself and shows its attempts', async ({ page }) => {
  await page.goto('/templates');
  await page.getByRole('link', { name: 'Health check with retry and alert' }).click();
  await page.getByRole('region', { name: 'Install' }).getByRole('button', { name: 'Install' }).click();
  await page.waitForURL(/\/workflows\/wf_/);
  const run = await new EditorPage(page).run({});
  await run.expectStatus('Completed');
  await run.expectStep('alert', 'skipped');
  await run.select('check');
  await expect(run.inspector).toContainText('3 of 3');
});

test('a parameter that is missing is said at its field and nothing is installed', async ({ page }) => {
  await page.goto('/templates/tpl_sync_paged_api');
  const form = page.getByRole('region', { name: 'Install' });
  await form.getByLabel(/^List to read/).fill('');
  await form.getByRole('button', { name: 'Install' }).click();
  await expect(form.getByLabel(/^List to read/)).toHaveAttribute('aria-invalid', 'true');
  await expect(page).toHaveURL(/\/templates\/tpl_sync_paged_api$/);
});
