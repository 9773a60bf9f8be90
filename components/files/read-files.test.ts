import { expect, test } from 'vitest';
import { readFiles } from './read-files.ts';
import { translationLines, translationSummary } from './translation-lines.ts';

const named = (name: string, text: string) => ({ name, text: async () => text });
const N8N = {
  name: 'From n8n',
  nodes: [
    { name: 'Start', type: 'n8n-nodes-base.manualTrigger', position: [0, 0], parameters: {} },
    { name: 'Tell', type: 'n8n-nodes-base.slack', position: [200, 0], parameters: {} },
  ],
  connections: { Start: { main: [[{ node: 'Tell', type: 'main', index: 0 }]] } },
};

test('reads every workflow of every file, whatever wrote it, and keeps their order', async () => {
  const found = await readFiles([
    named('two.yaml', 'name: A\nsteps: []\n---\nname: B\nsteps: []\n'),
    named('n8n.json', JSON.stringify(N8N)),
    named('broken.json', '{'),
    { name: 'gone.json', text: () => Promise.reject(new Error('It was moved')) },
  ]);
  expect(found.map(({ file, name, definition }) => [file, name, definition?.steps.length])).toEqual([
    ['two.yaml', 'A', 0],
    ['two.yaml', 'B', 0],
    ['n8n.json', 'From n8n', 1],
    ['broken.json', 'broken.json', undefined],
    ['gone.json', 'gone.json', undefined],
  ]);
  expect(found[4]?.problems[0]?.message).toBe('This file can’t be opened: It was moved');
  const report = found[2]?.report ?? [];
  expect(translationSummary(report)).toContain('2 nodes of n8n: 1 no such step, 1 not needed.');
  expect(translationLines(report).map(({ path }) => path)).toEqual(['Tell', 'Start']);
});
