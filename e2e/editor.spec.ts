import { expect, test } from './fixtures.ts';
import { EditorPage } from './pages/editor-page.ts';

const text = (id: string, name: string, after: string[], x: number) => ({
  id,
  name,
  type: 'transform',
  depends_on: after,
  config: { fields: { text: `${name} of {{ input.customer }}` } },
  position: { x, y: 0 },
});

/** Three steps in a row: `collect`, `price`, `quote`. */
const QUOTE = {
  name: 'Quote a customer',
  steps: [text('collect', 'Collect', [], 0), text('price', 'Price', ['collect'], 336), text('quote', 'Quote', ['price'], 672)],
};

test('a drag is one undo, and what was undone can be done again', async ({ page, api }) => {
  const editor = new EditorPage(page);
  await editor.open(await api.workflow(QUOTE));
  await expect(page.getByRole('button', { name: 'Undo', exact: true })).toBeDisabled();
  const place = await editor.placeOf('price');
  await editor.dragCard('price', { x: 40, y: 120 });
  await expect(page.getByRole('button', { name: 'Undo: Move price' })).toBeEnabled();
  const moved = await editor.placeOf('price');
  expect(moved).not.toBe(place);
  await page.keyboard.press('Control+z');
  await expect(editor.node('price')).toHaveCSS('transform', place);
  await expect(page.getByRole('button', { name: 'Undo', exact: true })).toBeDisabled();
  await page.keyboard.press('Control+Shift+z');
  await expect(editor.node('price')).toHaveCSS('transform', moved);
});

test('typing in a field is one undo', async ({ page, api }) => {
  const editor = new EditorPage(page);
  await editor.open(await api.workflow(QUOTE));
  await editor.select('collect');
  await editor.field('Value of text').press('Control+End');
  await page.keyboard.type(' today');
  await expect(editor.field('Value of text')).toHaveText('Collect of {{ input.customer }} today');
  await page.getByRole('button', { name: 'Undo: Edit collect' }).click();
  await expect(editor.field('Value of text')).toHaveText('Collect of {{ input.customer }}');
});

test('a deleted step leaves a gap that one press closes, or is connected around at once', async ({ page, api }) => {
  const editor = new EditorPage(page);
  await editor.open(await api.workflow(QUOTE));
  await editor.select('price');
  await page.keyboard.press('Delete');
  await expect(editor.cards).toHaveCount(2);
  await expect(editor.edges).toHaveCount(0);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(editor.edge('collect', 'quote')).toBeAttached();

  await page.keyboard.press('Control+z');
  await expect(editor.cards).toHaveCount(3);
  await editor.select('price');
  await page.keyboard.press('Shift+Delete');
  await expect(editor.cards).toHaveCount(2);
  await expect(editor.edge('collect', 'quote')).toBeAttached();
});

test('an edge that would make a cycle is refused with the reason', async ({ page, api }) => {
  const editor = new EditorPage(page);
  await editor.open(await api.workflow(QUOTE));
  // Near its edges the canvas moves along with what is being drawn.
  await editor.zoomOut();
  await editor.drawTo('quote', null, 'collect');
  await expect(editor.card('collect').getByRole('status')).toHaveText(/would make a cycle: .*collect/);
  await page.mouse.up();
  await expect(editor.card('collect').getByRole('status')).toHaveCount(0);
  await expect(editor.edges).toHaveCount(2);
  await expect(page.getByRole('button', { name: 'Undo', exact: true })).toBeDisabled();
});

test('problems are counted and listed, a press selects the step, and nothing broken becomes a version', async ({ page, api }) => {
  const editor = new EditorPage(page);
  await editor.open(await api.workflow(QUOTE));
  await editor.select('quote');
  await editor.setField('Value of text', '{{ steps.pirce.output.text }}');
  await editor.deselect();
  await page.getByRole('button', { name: '1 error' }).click();
  const drawer = page.getByRole('region', { name: 'Drawer' });
  await drawer.getByRole('button', { name: /pirce/ }).click();
  await expect(editor.inspector.getByRole('button', { name: 'Id of the step: quote. Rename' })).toBeVisible();
  await expect(editor.inspector.getByText(/pirce/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Save version', exact: true }).click();
  const refusal = page.getByRole('dialog', { name: 'This can’t be saved as a version yet' });
  await expect(refusal).toContainText('pirce');
  await refusal.getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('Control+z');
  await expect(drawer.getByText('No problems. This can be saved as a version.')).toBeVisible();
});

test('the draft saves itself and survives a reload', async ({ page, api }) => {
  const editor = new EditorPage(page);
  const id = await api.workflow(QUOTE);
  await editor.open(id);
  await editor.select('quote');
  await editor.addByKeyboard('wait');
  await editor.setField('Time', '2 minutes');
  await editor.expectSaved();
  await page.reload();
  await expect(editor.cards).toHaveCount(4);
  await editor.select('wait');
  await expect(editor.field('Time')).toHaveText('2 minutes');
  const workflow = await api.call<{ version: number; has_draft: boolean }>('GET', `/api/workflows/${id}`);
  expect(workflow.body).toMatchObject({ version: 1, has_draft: true });
});

test('everything works by keyboard: add, insert, rename, walk, delete', async ({ page }) => {
  const editor = new EditorPage(page);
  await editor.createFromList('Keyboard only');
  await editor.addByKeyboard('http');
  await expect(editor.node('http_request')).toBeFocused();
  await page.keyboard.press('a');
  await expect(page.getByRole('searchbox', { name: 'Next step' })).toBeFocused();
  await page.keyboard.type('transform');
  await page.keyboard.press('Enter');
  await expect(editor.edge('http_request', 'transform')).toBeAttached();
  await expect(editor.node('transform')).toBeFocused();

  await editor.edge('http_request', 'transform').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('a');
  await page.keyboard.type('wait');
  await page.keyboard.press('Enter');
  await expect(editor.edge('http_request', 'wait')).toBeAttached();
  await expect(editor.edge('wait', 'transform')).toBeAttached();

  await page.getByRole('button', { name: /^Id of the step: wait\./ }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('pause');
  await page.keyboard.press('Enter');
  await expect(editor.edge('pause', 'transform')).toBeAttached();

  await editor.node('pause').focus();
  await page.keyboard.press('ArrowRight');
  await expect(editor.node('transform')).toBeFocused();
  await page.keyboard.press('Delete');
  await expect(editor.cards).toHaveCount(2);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: /shortcuts/i })).toContainText('Tidy up');
});

test('steps are copied and pasted with the edges between them, under ids of their own', async ({ page, api }) => {
  const editor = new EditorPage(page);
  await editor.open(await api.workflow(QUOTE));
  await editor.card('price').click();
  await editor.card('quote').click({ modifiers: ['Shift'] });
  await expect(editor.inspector.getByRole('heading', { name: '2 steps selected' })).toBeVisible();
  await page.keyboard.press('Control+c');
  await expect(page.getByText('Copied 2 steps.')).toBeVisible();
  await page.keyboard.press('Control+v');
  await expect(editor.cards).toHaveCount(5);
  await expect(editor.edge('price_2', 'quote_2')).toBeAttached();
  await expect(editor.edge('collect', 'price_2')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(editor.cards).toHaveCount(3);
});

test('keys mean the open dialog, not what is behind it, and the focus returns to where it was', async ({ page, api }) => {
  const editor = new EditorPage(page);
  await editor.open(await api.workflow(QUOTE));
  await editor.select('price');
  await page.keyboard.press('Shift+Delete');
  const before = page.getByRole('searchbox', { name: 'Search steps' });
  await before.focus();
  await page.keyboard.press('Control+s');
  const dialog = page.getByRole('dialog', { name: 'Save a version?' });
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(before).toBeFocused();

  await page.keyboard.press('Control+s');
  await dialog.getByLabel('Summary').fill('One step less');
  await page.keyboard.press('Control+Shift+Enter');
  await expect(dialog.getByLabel('Summary')).toHaveValue('One step less');
  await page.keyboard.press('Control+Enter');
  await expect(dialog).toBeHidden();
  await editor.expectVersion(2);
});
