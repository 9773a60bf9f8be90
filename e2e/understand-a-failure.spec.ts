import { expect, test } from './fixtures.ts';
import { EditorPage } from './pages/editor-page.ts';

const STOCK_REPORT = {
  name: 'Stock report',
  steps: [
    { id: 'fetch', name: 'Fetch stock', type: 'http_request', config: { method: 'GET', url: '{{ mock.url }}/paged?total=3' } },
    {
      id: 'count',
      name: 'Count',
      type: 'transform',
      depends_on: ['fetch'],
      config: { expression: '{ "items": $count(steps.fetch.output.body.items) }' },
    },
  ],
};

test('a failed run opens on the failed step with its cause; once mended, the workflow completes', async ({ page, api }) => {
  const editor = new EditorPage(page);
  await editor.open(await api.workflow(STOCK_REPORT));
  await editor.select('fetch');
  await editor.setField('URL', '{{ mock.url }}/flaky?key={{ run.id }}&fail=9');
  await editor.saveVersion('Read the new stock service', 2);

  const run = await editor.run({});
  await run.expectStatus('Failed');
  await run.expectStep('fetch', 'failed');
  await run.expectStep('count', 'skipped');
  await expect(run.inspector.getByRole('heading', { name: 'Fetch stock' })).toBeVisible();
  const cause = run.inspector.getByRole('alert');
  await expect(cause).toContainText('503');
  await expect(cause).toContainText('HTTP_STATUS');
  await expect(run.card('fetch')).toContainText('503');
  await run.select('count');
  await expect(run.inspector).toContainText('fetch');

  await run.openEditor();
  await editor.select('fetch');
  await expect(editor.field('URL')).toHaveText('{{ mock.url }}/flaky?key={{ run.id }}&fail=9');
  await editor.setField('URL', '{{ mock.url }}/paged?total=5');
  await editor.saveVersion('Back to the list of stock', 3);
  const mended = await editor.run({});
  await mended.expectStatus('Completed');
  await mended.select('count');
  await expect(mended.section('Output')).toContainText('items5');
});

test('an address that nobody answers is named in the cause', async ({ page, api }) => {
  const workflow = await api.workflow({
    name: 'Nightly backup check',
    steps: [{ id: 'ask', name: 'Ask the store', type: 'http_request', config: { method: 'GET', url: 'http://127.0.0.1:9/backups' } }],
  });
  const editor = new EditorPage(page);
  await editor.open(workflow);
  const run = await editor.run({});
  await run.expectStatus('Failed');
  await expect(run.inspector.getByRole('alert')).toContainText('127.0.0.1:9');
});
