import { expect, test } from './fixtures.ts';
import { EditorPage } from './pages/editor-page.ts';

const CHILD_STEPS = [{ id: 'thank', type: 'transform', config: { fields: { text: 'Thank you' } } }];

test('a loop with approvals, a wait and a sub-workflow are drawn in the editor, decided in the run, and end', async ({ page, api }) => {
  const childName = `Thank the customer ${Date.now()}`;
  await api.workflow({ name: childName, steps: CHILD_STEPS });
  const editor = new EditorPage(page);
  await editor.createFromList('Ship orders');

  await editor.addByKeyboard('loop');
  await editor.setField('For each of', '["A-17", "A-18"]');
  await editor.setField('At the same time', '2');
  await editor.openLoop('loop');
  await editor.select('each_item');
  await editor.addByKeyboard('approval');
  await editor.setField('Question', 'Ship {{ item }}?');
  await expect(editor.edge('each_item', 'approval')).toBeAttached();
  await editor.leaveLoop();

  await editor.select('loop');
  await expect(editor.inspector.getByText('Approval', { exact: true })).toBeVisible();
  await editor.addByKeyboard('wait');
  await editor.setField('Time', '1s');
  await editor.select('wait');
  await editor.addByKeyboard('run a workflow');
  await editor.choose('Workflow', childName);
  await expect(editor.edge('loop', 'wait')).toBeAttached();
  await expect(editor.edge('wait', 'run_a_workflow')).toBeAttached();
  await editor.saveVersion('Ship every order that somebody allows', 1);

  const run = await editor.run({});
  await run.expectStep('loop', 'running');
  await run.select('loop');
  await expect(run.iterations()).toHaveCount(2);
  await run.approve('Ship A-18?');
  await run.approve('Ship A-17?');
  await run.expectStatus('Completed');
  await run.expectStep('run_a_workflow', 'completed');
  await run.openInIteration(1, 'Approval');
  await expect(run.section('Input')).toContainText('Ship A-18?');
  await expect(run.section('Output')).toContainText('approved');
  await run.select('run_a_workflow');
  await expect(run.section('Output')).toContainText('Thank you');
});

test('a definition that is pasted on the canvas becomes steps; what is none says so', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const editor = new EditorPage(page);
  await editor.createFromList('Pasted');
  const definition = {
    name: 'Two steps',
    steps: [
      { id: 'fetch', type: 'http_request', config: { method: 'GET', url: '{{ mock.url }}/echo' } },
      { id: 'tell', type: 'transform', config: { fields: { status: '{{ steps.fetch.output.status_code }}' } }, depends_on: ['fetch'] },
    ],
  };
  await page.evaluate((text) => navigator.clipboard.writeText(text), JSON.stringify(definition));
  await page.keyboard.press('Control+v');
  await expect(editor.cards).toHaveCount(2);
  await expect(editor.edge('fetch', 'tell')).toBeAttached();
  await page.evaluate(() => navigator.clipboard.writeText('{"steps": [{"id": "half"}]}'));
  await page.keyboard.press('Control+v');
  await expect(page.getByText('The pasted steps can’t be used: step half, type')).toBeVisible();
  await expect(editor.cards).toHaveCount(2);
});
