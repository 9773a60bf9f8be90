import { expect, test } from './fixtures.ts';

test('a secret is set in settings, used by a step, and seen nowhere', async ({ page, api }) => {
  const name = `TOKEN_${Date.now()}`;
  const value = `tok_${Date.now()}_abcdef`;
  await page.goto('/settings');
  const secrets = page.getByRole('region', { name: 'Secrets' });
  await secrets.getByRole('button', { name: 'New secret' }).click();
  const dialog = page.getByRole('dialog', { name: 'New secret' });
  await dialog.getByLabel(/^Name/).fill(name);
  await dialog.getByLabel(/^Value/).fill('short');
  await dialog.getByRole('button', { name: 'Save secret' }).click();
  await expect(dialog.getByLabel(/^Value/), 'a short value can not be hidden').toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel(/^Value/).fill(value);
  await dialog.getByRole('button', { name: 'Save secret' }).click();
  await expect(secrets.getByRole('row', { name: new RegExp(name) })).toBeVisible();
  await expect(page.getByText(value)).toHaveCount(0);

  const workflow = await api.workflow({
    name: 'Signs in',
    steps: [
      {
        id: 'call',
        type: 'http_request',
        config: {
          method: 'POST',
          url: '{{ mock.url }}/echo',
          auth: { type: 'bearer', token: `{{ secrets.${name} }}` },
          body: { said: `{{ secrets.${name} }}` },
        },
      },
    ],
  });
  const run = await api.finishedRun(workflow);
  const seen = JSON.stringify(await api.events(run)) + JSON.stringify((await api.call('GET', `/api/workflows/runs/${run}`)).body);
  expect(seen).toContain('[SECRET]');
  expect(seen).not.toContain(value);
});

test('an agent is made in settings and chosen in a step', async ({ page, api }) => {
  const name = `Agent ${Date.now()}`;
  await page.goto('/settings');
  const agents = page.getByRole('region', { name: 'Agents' });
  await agents.getByRole('button', { name: 'New agent' }).click();
  const dialog = page.getByRole('dialog', { name: 'New agent' });
  await dialog.getByRole('button', { name: 'Save agent' }).click();
  await expect(dialog.getByLabel(/^Model/), 'an agent needs a model').toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel(/^Name/).fill(name);
  await dialog.getByLabel(/^Base URL/).fill('http://127.0.0.1:59999/v1');
  await dialog.getByLabel(/^Model/).fill('llama3.2');
  await dialog.getByRole('button', { name: 'Save agent' }).click();
  await expect(agents.getByRole('row', { name: new RegExp(name) })).toBeVisible();

  const workflow = await api.workflow({
    name: 'Asks',
    steps: [{ id: 'ask', name: 'Ask', type: 'agent_task', config: { agent_id: name, goal: 'Hi' } }],
  });
  await page.goto(`/workflows/${workflow}`);
  await page.locator('.react-flow__node').filter({ hasText: 'Ask' }).click();
  await expect(page.getByRole('combobox', { name: /^Agent/ })).toContainText(name);
});
