import { expect, test } from './fixtures.ts';
import { EditorPage } from './pages/editor-page.ts';

const TOKEN = 'tok-0123456789-abcdefghij';
const BROKEN = {
  name: 'Mend me',
  steps: [
    {
      id: 'fetch',
      type: 'http_request',
      config: { url: 'https://api.example.com', headers: { authorization: `Bearer ${TOKEN}` } },
      position: { x: 0, y: 0 },
    },
    {
      id: 'quote',
      type: 'transform',
      depends_on: ['fetsh'],
      config: { fields: { text: '{{ steps.fetch.output.body }}' } },
      position: { x: 336, y: 0 },
    },
    { id: 'ask', type: 'approval', depends_on: ['quote'], config: { message: 'Send it?' }, position: { x: 672, y: 0 } },
    {
      id: 'each',
      type: 'loop',
      config: { items: '[1, 2]', steps: [{ id: 'inner', type: 'transform', depends_on: ['nobody'], config: { fields: { a: '1' } } }] },
      position: { x: 0, y: 200 },
    },
  ],
};
type Step = {
  id: string;
  depends_on?: string[];
  timeout?: string;
  config: { headers?: { authorization: string }; steps?: { depends_on?: string[] }[] };
};

test('problems lead to their place, and their fixes mend them, each as one undo', async ({ page, api }) => {
  const made = await api.call<{ id: string }>('POST', '/api/workflows', { definition: BROKEN, draft: true });
  const { id } = made.body;
  // Left by an earlier run against the same instance.
  await api.call('DELETE', '/api/secrets/MEND_ME_TOKEN');
  const steps = async () => (await api.call<{ definition: { steps: Step[] } }>('GET', `/api/workflows/${id}/draft`)).body.definition.steps;
  const editor = new EditorPage(page);
  await editor.open(id);
  await page.getByRole('button', { name: /2 errors, 2 warnings/ }).click();
  const drawer = page.getByRole('region', { name: 'Drawer' });
  const [errors, warnings] = [drawer.getByRole('region', { name: 'Errors' }), drawer.getByRole('region', { name: 'Warnings' })];

  await test.step('by keyboard from row to row, and to the step', async () => {
    await errors.getByRole('button', { name: /depends on 'fetsh'/ }).focus();
    await page.keyboard.press('ArrowDown');
    await expect(errors.getByRole('button', { name: /depends on 'nobody'/ })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(editor.openLoops).toContainText('each');
    await expect(editor.card('inner')).toBeVisible();
  });

  await test.step('a fix inside of a loop is one undo', async () => {
    await errors.getByRole('listitem').filter({ hasText: 'nobody' }).getByRole('button', { name: 'Remove the connection' }).click();
    await expect(errors.getByRole('listitem')).toHaveCount(1);
    await page.keyboard.press('Control+z');
    await expect(errors.getByRole('listitem')).toHaveCount(2);
    await page.keyboard.press('Control+Shift+z');
    await editor.leaveLoop();
  });

  await test.step('connect, and add a timeout', async () => {
    await errors.getByRole('button', { name: 'Connect to fetch instead' }).click();
    await expect(editor.edge('fetch', 'quote')).toBeAttached();
    await expect(errors).toHaveCount(0);
    await warnings.getByRole('button', { name: 'Add a timeout of 1 day' }).click();
    await expect(warnings.getByRole('listitem')).toHaveCount(1);
  });

  await test.step('a secret goes out of plain text into the secrets', async () => {
    await warnings.getByRole('button', { name: 'Move it to a secret…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Move this out of plain text?' });
    await dialog.getByLabel('Name').fill('MEND_ME_TOKEN');
    await dialog.getByRole('button', { name: 'Move it to the secret' }).click();
    await expect(dialog).toBeHidden();
    await expect(drawer.getByText('No problems. This can be saved as a version.')).toBeVisible();
  });

  await editor.expectSaved();
  const [fetch, quote, ask, each] = await steps();
  expect(fetch?.config.headers).toEqual({ authorization: 'Bearer {{ secrets.MEND_ME_TOKEN }}' });
  expect([quote?.depends_on, ask?.timeout, each?.config.steps?.[0]?.depends_on]).toEqual([['fetch'], '1 day', undefined]);
  const secrets = await api.call<{ secrets: { name: string }[] }>('GET', '/api/secrets');
  expect(secrets.body.secrets.map(({ name }) => name)).toContain('MEND_ME_TOKEN');
  expect(JSON.stringify(await api.call('GET', `/api/workflows/${id}`))).not.toContain(TOKEN);
});
