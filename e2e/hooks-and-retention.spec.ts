import { expect, test } from './fixtures.ts';

test('a hook is made from the list of all hooks, and stands there with its workflow', async ({ page, api }) => {
  const name = `Take calls ${Date.now()}`;
  await api.workflow({ name, steps: [{ id: 'take', type: 'transform', config: { expression: 'input.body' } }] });
  await page.goto('/hooks');
  await page.getByRole('button', { name: 'New hook' }).click();
  const dialog = page.getByRole('dialog', { name: 'New hook' });
  await dialog.getByLabel(/^Name/).fill('Billing');
  await dialog.getByRole('button', { name: 'Create hook' }).click();
  const choice = dialog.getByRole('combobox', { name: /^Workflow/ });
  await expect(choice, 'a hook belongs to a workflow').toHaveAttribute('aria-invalid', 'true');
  await choice.click();
  await page.getByRole('option', { name }).click();
  await dialog.getByRole('button', { name: 'Create hook' }).click();
  await page.getByRole('dialog', { name: 'Copy the address of Billing' }).getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('article', { name: 'Billing' }).filter({ hasText: name })).toBeVisible();
});

test('how long runs are kept is said on the page of the runs', async ({ page, api }) => {
  const workflow = await api.workflow({ name: 'Short memory', steps: [{ id: 'note', type: 'transform', config: { expression: '1' } }] });
  await page.goto(`/workflows/${workflow}/runs`);
  await page.getByRole('button', { name: 'Keep runs…' }).click();
  const dialog = page.getByRole('dialog', { name: 'How long are runs kept?' });
  await dialog.getByRole('combobox', { name: 'Completed runs' }).click();
  await page.getByRole('option', { name: '7 days' }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toHaveCount(0);
  const { body } = await api.call<{ retention: object }>('GET', `/api/workflows/${workflow}/retention`);
  expect(body.retention).toEqual({ success: 604_800, error: null });
});
