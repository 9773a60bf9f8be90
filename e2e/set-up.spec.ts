import { expect, test } from './fixtures.ts';
import { FRESH_ORIGIN, OWNER, SESSION_FILE } from './owner.ts';
import { SetupPage } from './pages/setup-page.ts';

// A browser reports an answer of 401 by itself.
test.use({ provokedErrors: [/status of 401/] });

test('the first visitor becomes the owner, signs out, and comes back with the right password alone', async ({ page }) => {
  test.skip(FRESH_ORIGIN === undefined, 'needs an instance without an owner: E2E_FRESH_ORIGIN');
  const setup = new SetupPage(page);
  const person = { name: 'Ada Lovelace', email: 'ada@example.test', password: 'analytical-engine-1843', workspace: 'Analytical Society' };

  await page.goto(`${FRESH_ORIGIN}/`);
  await expect(page).toHaveURL(`${FRESH_ORIGIN}/setup`);
  await expect(setup.heading()).toBeVisible();
  await setup.createOwner({ ...person, email: 'ada', password: 'short' });
  await expect(page.getByLabel('E-mail')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Password')).toHaveAttribute('aria-invalid', 'true');
  await expect(page).toHaveURL(`${FRESH_ORIGIN}/setup`);

  await setup.createOwner(person);
  await expect(page).toHaveURL(`${FRESH_ORIGIN}/`);
  await expect(page.getByRole('heading', { name: /^Workflows/ })).toBeVisible();
  await expect(page.getByText('No workflows yet')).toBeVisible();

  await setup.signOut();
  await expect(page).toHaveURL(`${FRESH_ORIGIN}/login`);
  await page.goto(`${FRESH_ORIGIN}/settings`);
  await expect(page, 'what is signed out stays out').toHaveURL(/\/login/);

  await setup.signIn(person.email, 'not-the-password');
  await expect(page.getByText('That e-mail address and password do not belong together.')).toBeVisible();
  await expect(page).toHaveURL(/\/login/);
  await setup.signIn(person.email, person.password);
  await expect(page, 'sign-in leads to where the visitor wanted to go').toHaveURL(`${FRESH_ORIGIN}/settings`);

  await page.goto(`${FRESH_ORIGIN}/setup`);
  await expect(page, 'there is one first visitor').toHaveURL(`${FRESH_ORIGIN}/`);
});

test('the owner signs in', async ({ page }) => {
  const setup = new SetupPage(page);
  await page.goto('/login');
  await setup.signIn(OWNER.email, OWNER.password);
  await expect(page.getByRole('heading', { name: /^Workflows/ })).toBeVisible();
  await page.context().storageState({ path: SESSION_FILE });
});
