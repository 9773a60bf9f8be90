import { expect, test } from './fixtures.ts';

test('a key is made in settings, shown once, opens the API within its scopes, and is refused once revoked', async ({
  page,
  playwright,
  baseURL,
}) => {
  const name = `Nightly export ${Date.now()}`;
  await page.goto('/settings');
  const keys = page.getByRole('region', { name: 'API keys' });
  await keys.getByRole('button', { name: 'New key' }).click();
  const dialog = page.getByRole('dialog', { name: 'New API key' });
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await expect(dialog.getByLabel(/^Name/), 'a key needs a name').toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel(/^Name/).fill(name);
  await dialog.getByRole('button', { name: 'Create key' }).click();

  const shown = page.getByRole('dialog', { name: `Copy the key of ${name}` });
  const secret = (await shown.getByText(/^wl_/).textContent()) ?? '';
  await page.keyboard.press('Escape');
  await expect(shown, 'what is shown once is not lost by a key press').toBeVisible();
  await shown.getByRole('button', { name: 'Done' }).click();
  await expect(keys.getByRole('row', { name: new RegExp(name) })).toBeVisible();
  await page.reload();
  await expect(keys.getByRole('row', { name: new RegExp(name) })).toBeVisible();
  await expect(page.getByText(secret)).toHaveCount(0);

  const program = await playwright.request.newContext({
    baseURL: baseURL ?? '',
    storageState: { cookies: [], origins: [] },
    extraHTTPHeaders: { authorization: `Bearer ${secret}` },
  });
  expect((await program.get('/api/workflows')).status()).toBe(200);
  const write = await program.post('/api/workflows', { data: { definition: { name: 'x', steps: [] }, draft: true } });
  expect(write.status(), 'the key may not write').toBe(403);

  await keys.getByRole('button', { name: `Revoke ${name}` }).click();
  const question = page.getByRole('dialog', { name: `Revoke ${name}?` });
  await question.getByRole('button', { name: 'Revoke key' }).click();
  // Behind an open dialog no row is seen, revoked or not.
  await expect(question).toHaveCount(0);
  await expect(keys.getByRole('row', { name: new RegExp(name) })).toHaveCount(0);
  expect((await program.get('/api/workflows')).status()).toBe(401);
  await program.dispose();
});
