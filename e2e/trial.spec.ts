import { expect, test } from './fixtures.ts';
import { EditorPage } from './pages/editor-page.ts';

// In two rows, so that the cards are large enough for their buttons.
const definition = {
  name: 'Weekly report',
  steps: [
    {
      id: 'people',
      position: { x: 0, y: 0 },
      type: 'transform',
      name: 'List people',
      config: { expression: '["Ada", "Grace", "Edsger"]' },
    },
    { id: 'pause', position: { x: 336, y: 0 }, type: 'wait', name: 'Let it settle', config: { duration: '2s' }, depends_on: ['people'] },
    {
      id: 'greet',
      position: { x: 336, y: 200 },
      type: 'transform',
      name: 'Greet',
      config: { expression: 'steps.people.output.("Hello " & $)' },
      depends_on: ['pause'],
    },
    { id: 'later', position: { x: 0, y: 200 }, type: 'transform', name: 'Later', config: { expression: '1' }, depends_on: ['greet'] },
  ],
};

test('test a draft while building it: to a step, one step, with a pinned output, and what is out of date', async ({ page, api }) => {
  const id = await api.workflow(definition);
  const editor = new EditorPage(page);
  await editor.open(id);

  // Run to here from the card. It is seen live, and the editor stays usable.
  await editor.node('greet').hover();
  await editor.card('greet').getByRole('button', { name: 'Run to here Greet' }).click();
  await expect(editor.card('pause')).toHaveAttribute('data-status', 'waiting');
  await editor.rename('Name of the step', 'Greet everybody');
  await expect(editor.card('greet')).toHaveAttribute('data-status', 'completed');
  await expect(editor.card('people')).toContainText('3 items');
  await expect(editor.card('later')).not.toHaveAttribute('data-status');
  expect(page.url()).toContain(`/workflows/${id}`);

  // What it was given and gave stands in the inspector, and on the nodes after a reload.
  await editor.inspector.getByRole('tab', { name: 'Test' }).click();
  await expect(editor.inspector.getByRole('region', { name: 'Output' })).toContainText('Hello Grace');
  await page.reload();
  await expect(editor.card('people')).toContainText('3 items');
  await expect(editor.card('greet')).toHaveAttribute('data-status', 'completed');

  // A pin, by hand.
  await editor.node('people').click();
  await editor.inspector.getByRole('tab', { name: 'Test' }).click();
  await editor.inspector.getByRole('button', { name: 'Pin output' }).click();
  const pin = editor.inspector.getByRole('region', { name: 'Pinned output' });
  await pin.getByRole('textbox', { name: 'Pinned output' }).fill('["Barbara"]');
  await pin.getByRole('button', { name: 'Pin', exact: true }).click();
  await expect(editor.card('people')).toContainText('pinned');
  await expect(editor.card('greet')).toContainText('out of date');

  // One step alone, by the keyboard: with the pinned output, at once.
  await editor.node('greet').click();
  await page.keyboard.press('Shift+R');
  await editor.inspector.getByRole('tab', { name: 'Test' }).click();
  await expect(editor.inspector.getByRole('region', { name: 'Output' })).toContainText('Hello Barbara');

  // A real run knows nothing of the pin, and the list tells tests apart.
  const real = await api.finishedRun(id);
  const { body } = await api.call<{ run: { step_runs: { output: unknown }[] } }>('GET', `/api/workflows/runs/${real}`);
  expect(body.run.step_runs[2]?.output).toEqual(['Hello Ada', 'Hello Grace', 'Hello Edsger']);
  await page.goto(`/workflows/${id}/runs?trigger=test`);
  await expect(page.getByRole('table').getByText('Test', { exact: true })).toHaveCount(2);

  // The pin goes with its step when that is called another id, and is taken away by the keyboard.
  await editor.open(id);
  await editor.node('people').click();
  await editor.rename('Id of the step', 'team');
  await expect(editor.card('team')).toContainText('pinned');
  await editor.node('team').click();
  await page.keyboard.press('Shift+P');
  await expect(editor.card('team')).not.toContainText('pinned');
});
