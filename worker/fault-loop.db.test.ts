import { expect, it } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { exitOf, freshFaults } from './test-faults.ts';
import { ended, eventsOf, rowOf, storeSteps, until } from './test-runs.ts';

const faults = freshFaults();
const ITEMS = 10_000;
/** A busy machine makes nobody dead; who is killed is noticed by the lock all the same. */
const PATIENT = { WORKER_LEASE_MS: '3000' };

it(`checklist #78, #79: a loop over ${ITEMS.toLocaleString('en')} items whose worker is killed half-way: only what is missing runs`, async () => {
  const body = [
    { id: 'send', type: 'http_request', config: { method: 'POST', url: `${faults.origin}/item/{{ item }}` } },
    // Ten thousand answers with their headers are more than a step may pass on.
    { id: 'got', type: 'transform', depends_on: ['send'], config: { expression: 'item' } },
  ] as unknown as Json;
  const { start } = await storeSteps([{ id: 'each', type: 'loop', config: { items: `[1..${ITEMS}]`, concurrency: 100, steps: body } }], {
    limits: { steps: 3 * ITEMS },
  });
  const victim = await faults.start(PATIENT);
  const [run = ''] = await start();
  await until(() => faults.asked.length >= ITEMS / 2, 60_000);
  victim.kill('SIGKILL');
  await exitOf(victim);
  const asked = new Map<string, number>();
  const count = () => {
    asked.clear();
    for (const { path } of faults.asked) asked.set(path, (asked.get(path) ?? 0) + 1);
  };
  const kept = (await eventsOf(run)).flatMap((event) =>
    event.type === 'step_completed' && event.step.endsWith('.send') ? [event.step] : [],
  );
  expect(kept.length).toBeGreaterThan(ITEMS / 4);
  await faults.start(PATIENT);
  await ended([run], 60_000, 50);
  expect(await rowOf(run)).toMatchObject({ status: 'completed', error: null });
  count();
  expect(asked.size).toBe(ITEMS);
  // Those whose end was durable were asked once, the others in flight at most once more, each under one key.
  for (const step of kept) expect(asked.get(`/item/${Number(/\[(\d+)\]/.exec(step)?.[1]) + 1}`)).toBe(1);
  const again = [...asked.values()].filter((times) => times > 1);
  expect(again.length).toBeLessThanOrEqual(1000);
  expect(Math.max(...asked.values())).toBeLessThanOrEqual(2);
  expect(new Set(faults.asked.map((one) => one.key)).size).toBe(ITEMS);
}, 120_000);
