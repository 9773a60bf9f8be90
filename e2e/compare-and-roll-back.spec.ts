import { expect, test } from './fixtures.ts';
import { EditorPage } from './pages/editor-page.ts';

const WELCOME = {
  name: 'Welcome a customer',
  steps: [
    { id: 'greet', name: 'Greet', type: 'transform', config: { fields: { text: 'Hello {{ input.name }}' } }, position: { x: 0, y: 0 } },
    {
      id: 'remember',
      name: 'Remember',
      type: 'transform',
      depends_on: ['greet'],
      config: { fields: { seen: true } },
      position: { x: 336, y: 0 },
    },
    {
      id: 'send',
      name: 'Send',
      type: 'webhook',
      depends_on: ['remember'],
      config: { url: '{{ mock.url }}/sink', payload: { text: '{{ steps.greet.output.text }}' } },
      position: { x: 672, y: 0 },
    },
  ],
};

test('a change shows as a list and as colors on the canvas, and rolling back brings the old value as a new version', async ({
  page,
  api,
}) => {
  const id = await api.workflow(WELCOME);
  const editor = new EditorPage(page);
  await editor.open(id);
  await editor.select('greet');
  await editor.setField('Value of text', 'Good day {{ input.name }}');
  await editor.select('remember');
  await page.keyboard.press('Shift+Delete');
  await expect(editor.card('remember')).toHaveCount(0);
  await expect(editor.edge('greet', 'send')).toBeAttached();
  await editor.select('send');
  await editor.addByKeyboard('transform');
  await editor.rename('Id of the step', 'note');
  await editor.saveVersion('Greet formally, keep a note', 2);

  const versions = await editor.openVersions();
  await expect(versions.entry(2)).toContainText('Greet formally, keep a note');
  await expect(versions.changes).toContainText('v1 → v2');
  await expect(versions.change('Changed: Greet')).toContainText('Hello {{ input.name }}');
  await expect(versions.change('Changed: Greet')).toContainText('Good day {{ input.name }}');
  await expect(versions.change('Removed: Remember')).toBeVisible();
  await expect(versions.change('Rewired: Send')).toContainText('+greet');
  await expect(versions.changes.getByRole('region', { name: /^Added: / })).toHaveCount(1);
  await expect(versions.card('greet')).toHaveAttribute('data-diff', 'changed');
  await expect(versions.card('remember')).toHaveAttribute('data-diff', 'removed');
  await expect(versions.card('send')).toHaveAttribute('data-diff', 'rewired');
  await expect(versions.card('note')).toHaveAttribute('data-diff', 'added');

  await versions.rollBack(1, 3);
  await editor.expectVersion(3);
  await expect(editor.cards).toHaveCount(3);
  await editor.select('greet');
  await expect(editor.field('Value of text')).toHaveText('Hello {{ input.name }}');

  const back = await editor.openVersions();
  await expect(back.entry(3)).toBeVisible();
  await page.goto(`/workflows/${id}/versions?a=1&b=3`);
  await expect(back.changes).toContainText('The two versions are the same.');
});
