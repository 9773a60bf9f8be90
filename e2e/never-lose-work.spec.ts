import { expect, test } from './fixtures.ts';
import { SESSION_FILE } from './owner.ts';
import { EditorPage } from './pages/editor-page.ts';

const text = (id: string, name: string, after: string[], x: number) => ({
  id,
  name,
  type: 'transform',
  depends_on: after,
  config: { fields: { text: `${name} of {{ input.customer }}` } },
  position: { x, y: 0 },
});
const QUOTE = {
  name: 'Quote a customer',
  steps: [text('collect', 'Collect', [], 0), text('price', 'Price', ['collect'], 336), text('quote', 'Quote', ['price'], 672)],
};
type Draft = { definition: { steps: { id: string; name: string; config: { fields: { text: string } } }[] } };

test('two people, a cut connection and a crashed tab lose nothing', async ({ page, browser, api, baseURL }) => {
  const id = await api.workflow(QUOTE);
  const textOf = async (step: string) =>
    (await api.call<Draft>('GET', `/api/workflows/${id}/draft`)).body.definition.steps.find((one) => one.id === step)?.config.fields.text;
  const other = await browser.newContext({
    storageState: SESSION_FILE,
    ...(baseURL === undefined ? {} : { baseURL }),
    viewport: { width: 1440, height: 900 },
  });
  const [mine, theirs] = [new EditorPage(await other.newPage()), new EditorPage(page)];
  const status = (of: EditorPage, words: string) => of.page.getByRole('status').filter({ hasText: words });

  await test.step('each sees who else is here', async () => {
    await mine.open(id);
    await theirs.open(id);
    await expect(mine.page.getByRole('status', { name: 'Also here: You, in another tab' })).toBeVisible();
    await expect(theirs.page.getByRole('status', { name: 'Also here: You, in another tab' })).toBeVisible();
  });

  await test.step('a change is on the other canvas at once, beside what was typed there', async () => {
    await mine.select('collect');
    await theirs.select('price');
    await theirs.rename('Name of the step', 'Work out the price');
    await expect(mine.card('price')).toContainText('Work out the price');
    await mine.setField('Value of text', 'Mine');
    await theirs.setField('Value of text', 'Theirs');
    await mine.expectSaved();
    await theirs.expectSaved();
    await expect.poll(() => Promise.all([textOf('collect'), textOf('price')])).toEqual(['Mine', 'Theirs']);
    // An undo takes back one's own change and leaves the other's.
    await mine.canvas.click({ position: { x: 24, y: 24 } });
    await mine.page.keyboard.press('Control+z');
    await expect.poll(() => textOf('collect')).toBe('Collect of {{ input.customer }}');
    expect(await textOf('price')).toBe('Theirs');
  });

  await test.step('without a connection the edits stay in the browser, through the end of the tab', async () => {
    await other.setOffline(true);
    await mine.select('quote');
    await mine.setField('Value of text', 'Offline quote');
    await expect(status(mine, 'Offline, kept here')).toBeVisible();
    await mine.rename('Name of the step', 'Offline name');
    await mine.select('collect');
    await mine.setField('Value of text', 'Offline collect');
    await theirs.select('quote');
    await theirs.setField('Value of text', 'Their quote');
    await theirs.expectSaved();
    await expect.poll(() => textOf('quote')).toBe('Their quote');
    await mine.page.evaluate(() => window.dispatchEvent(new Event('pagehide')));
    await mine.page.close();
    await other.setOffline(false);
  });

  const again = new EditorPage(await other.newPage());
  await test.step('what both changed is asked about with both sides; the rest is merged', async () => {
    await again.open(id);
    await expect(again.card('quote')).toContainText('Offline name');
    const banner = again.page.getByRole('alert').filter({ hasText: 'changed 1 step that you changed too' });
    await expect(banner).toBeVisible();
    await expect(status(again, 'Conflict')).toBeVisible();
    expect(await textOf('collect')).toBe('Collect of {{ input.customer }}');
    await banner.getByRole('button', { name: 'Compare…' }).click();
    const dialog = again.page.getByRole('dialog', { name: 'Which changes should stand?' });
    await expect(dialog.getByRole('group', { name: /^Mine: / })).toBeVisible();
    await expect(dialog.getByRole('group', { name: /^Theirs: / })).toBeVisible();
    await expect(dialog.getByRole('listitem')).toContainText(['Offline quote']);
    await expect(dialog.getByRole('listitem')).toContainText(['Their quote']);
    await dialog.getByRole('radio', { name: 'Theirs' }).click();
    await dialog.getByRole('button', { name: 'Merge and save' }).click();
    await expect(banner).toHaveCount(0);
    await again.expectSaved();
    expect(await Promise.all([textOf('collect'), textOf('quote')])).toEqual(['Offline collect', 'Their quote']);
    await expect(theirs.card('quote')).toContainText('Offline name');
  });

  await test.step('nothing is kept once it is saved', async () => {
    await again.page.reload();
    await expect(again.card('quote')).toContainText('Offline name');
    await again.expectSaved();
    await expect(again.page.getByText('Changes that were not saved yet are back')).toHaveCount(0);
  });
  await other.close();
});
