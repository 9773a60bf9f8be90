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

test('a while loop, a wait until a moment and a wait for a condition are drawn by their forms, run and watched', async ({ page }) => {
  const editor = new EditorPage(page);
  await editor.createFromList('Look until it is there');

  await editor.addByKeyboard('loop');
  await editor.chooseWay('Repeat', 'While');
  await editor.setField('While', 'index < 3');
  await editor.select('loop');
  await editor.addByKeyboard('wait');
  await editor.rename('Id of the step', 'moment');
  await editor.chooseWay('Wait for', 'Moment');
  await editor.setField('Moment', '{{ input.at }}');
  // Side by side: its condition looks at a step on another path.
  await editor.deselect();
  await editor.addByKeyboard('wait');
  await editor.rename('Id of the step', 'look');
  await editor.chooseWay('Wait for', 'Condition');
  await editor.setField('Condition', 'steps.moment.status = "completed"');
  await editor.setField('Ask every', '1s');
  await expect(editor.edge('loop', 'moment')).toBeAttached();
  await expect(editor.card('look')).toContainText('until steps.moment.status');
  await editor.saveVersion('Look at another path', 1);

  const run = await editor.run({ at: new Date(Date.now() + 4000).toISOString() });
  await run.expectStep('moment', 'waiting');
  await expect(run.card('moment')).toContainText(/until \d\d:\d\d:\d\d/);
  await run.select('look');
  await expect(run.inspector).toContainText('Waits until its condition holds: steps.moment.status = "completed". It is asked every 1 s.');
  await run.expectStatus('Completed');
  await run.select('loop');
  await expect(run.iterations()).toHaveCount(3);
  await expect(run.section('Output')).toContainText('3 items');
  await run.expectStep('look', 'completed');
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
