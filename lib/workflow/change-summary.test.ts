import { expect, test } from 'vitest';
import { suggestedSummary } from './change-summary.ts';
import type { Definition, Step } from './definition.ts';
import { diffDefinitions } from './diff.ts';
import { testCatalog } from './test-catalog.ts';

const fetch: Step = { id: 'fetch', name: 'Fetch users', type: 'http_request', config: { url: 'https://a.example', method: 'GET' } };
const send: Step = { id: 'send', name: 'Send it', type: 'transform', depends_on: ['fetch'] };
const base: Definition = { name: 'Test', steps: [fetch, send] };

const table: readonly [string, Definition][] = [
  ['Add Wait', { ...base, steps: [fetch, send, { id: 'w', name: 'Wait', type: 'wait' }] }],
  ['Remove Send it', { ...base, steps: [fetch] }],
  ['Change url of Fetch users', { ...base, steps: [{ ...fetch, config: { ...fetch.config, url: 'https://b.example' } }, send] }],
  ['Rename Send it to Post it', { ...base, steps: [fetch, { ...send, name: 'Post it' }] }],
  [
    'Rename fetch to users',
    {
      ...base,
      steps: [
        { ...fetch, id: 'users' },
        { ...send, depends_on: ['users'] },
      ],
    },
  ],
  ['Rewire Send it', { ...base, steps: [fetch, { id: 'send', name: 'Send it', type: 'transform' }] }],
  ['Add Wait; set timeout', { ...base, timeout: '5m', steps: [fetch, send, { id: 'w', name: 'Wait', type: 'wait' }] }],
  ['Layout only', { ...base, steps: [{ ...fetch, position: { x: 1, y: 1 } }, send] }],
  // More than a line: the counts say it better.
  [
    'Added 40 steps',
    { ...base, steps: [fetch, send, ...Array.from({ length: 40 }, (_, at): Step => ({ id: `step_${at}`, type: 'wait' }))] },
  ],
];
for (const [summary, after] of table) {
  test(summary, () => {
    const nameOf = (id: string) => after.steps.find((step) => step.id === id)?.name ?? id;
    expect(suggestedSummary(diffDefinitions(base, after, testCatalog), nameOf)).toBe(summary);
  });
}
