import { expect, test } from './fixtures.ts';
import { EditorPage } from './pages/editor-page.ts';
import { startTarget, type TargetServer } from './servers/target.ts';

let shop: TargetServer;

test.beforeEach(async () => {
  shop = await startTarget(({ path }) => ({ status: 200, body: { id: path.split('/').at(-1), total: path.endsWith('7') ? 740 : 12 } }));
});

test.afterEach(async () => {
  await shop.close();
});

test('a person draws fetch, condition, two branches and a merge, runs it and watches it to the end', async ({ page }) => {
  const editor = new EditorPage(page);
  await editor.createFromList('Large order check');

  await editor.addByDrag('HTTP request', { x: 160, y: 200 });
  await editor.rename('Name of the step', 'Fetch order');
  await editor.rename('Id of the step', 'fetch');
  await editor.choose('Method', 'POST');
  await editor.setField('URL', `${shop.url}/orders/{{ input.order }}`);
  await editor.addRow('Headers', 'X-Region', '{{ input.region }}');
  await editor.setField('Body', '{ "order": "{{ input.order }}", "fields": ["total"] }');

  await editor.addByDrag('Condition', { x: 560, y: 200 });
  await editor.rename('Name of the step', 'Large?');
  await editor.rename('Id of the step', 'large');
  await editor.setField('Condition', 'steps.fetch.output.body.total > 100');
  await editor.fit();
  await editor.connect('fetch', null, 'large');

  await editor.addAfter('large', 'true', 'Transform');
  await editor.rename('Id of the step', 'review');
  await editor.setField('Value of greeting', 'Review {{ steps.fetch.output.body.id }} of {{ steps.fetch.output.body.total }}');
  await editor.fit();
  await editor.addAfter('large', 'false', 'Transform');
  await editor.rename('Id of the step', 'accept');
  await editor.setField('Value of greeting', 'Accepted');
  await editor.fit();
  await editor.addAfter('review', null, 'Transform');
  await editor.rename('Id of the step', 'merge');
  await editor.setField('Name in Fields', 'message');
  await editor.setField(
    'Value of message',
    '{{ steps.review.output.greeting ? steps.review.output.greeting : steps.accept.output.greeting }}',
  );
  await editor.fit();
  await editor.connect('accept', null, 'merge');
  await editor.tidy();

  await expect(editor.edges).toHaveCount(5);
  await expect(editor.edge('large', 'review', 'true')).toBeAttached();
  await expect(editor.edge('large', 'accept', 'false')).toBeAttached();
  // Only one of the two branches will have run, which the editor says beforehand.
  await expect(page.getByRole('button', { name: '2 warnings' })).toBeVisible();
  await editor.saveVersion('Check orders above 100', 1);

  const run = await editor.run({ order: 'A-7', region: 'eu' });
  await run.expectStatus('Completed');
  for (const step of ['fetch', 'large', 'review', 'merge']) await run.expectStep(step, 'completed');
  await run.expectStep('accept', 'skipped');
  await expect(run.edge('large', 'review', 'true')).toHaveAttribute('data-run', 'taken');
  await expect(run.edge('large', 'accept', 'false')).toHaveAttribute('data-run', 'not_taken');
  await expect(run.log).toContainText('Run ended');

  await run.select('merge');
  await expect(run.section('Output')).toContainText('Review A-7 of 740');
  await run.select('accept');
  await expect(run.inspector).toContainText('Not taken');
  await run.select('fetch');
  await expect(run.section('Output')).toContainText('740');

  const [request, ...more] = shop.received;
  expect(more, 'one request arrived').toEqual([]);
  expect(request).toMatchObject({ method: 'POST', path: '/orders/A-7' });
  expect(request?.headers).toMatchObject({ 'x-region': 'eu', 'content-type': expect.stringContaining('application/json') });
  expect(request?.headers['idempotency-key']).toEqual(expect.any(String));
  expect(JSON.parse(request?.body ?? '')).toEqual({ order: 'A-7', fields: ['total'] });

  await run.openEditor();
  const small = await editor.run({ order: 'A-8', region: 'us' });
  await small.expectStatus('Completed');
  await small.expectStep('accept', 'completed');
  await small.expectStep('review', 'skipped');
  await small.select('merge');
  await expect(small.section('Output')).toContainText('Accepted');
});
