import { beforeAll, expect, test } from 'vitest';
import { atEnd } from '#lib/base/test-end.ts';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { TestProxy } from '#lib/db/test-proxy.ts';
import { testApi } from './test-api.ts';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await TestProxy.open((await freshDatabase()).url);
  process.env.DATABASE_URL = proxy.url;
  atEnd(async () => {
    await stopListening();
    await disconnect();
    await proxy.close();
  });
});

test('starts whose answer from the database was lost with the connection make one run each, and answer it', async () => {
  const api = await testApi();
  const workflow = await api.workflow();
  await api.run(workflow);
  proxy.loseAnswerTo('create_runs');
  const started = await Promise.all(Array.from({ length: 5 }, () => api.run(workflow)));
  expect(proxy.lost).toBe(1);
  const { rows } = await pool().query<{ count: number }>('select count(*)::int as count from run');
  expect(rows[0]?.count).toBe(6);
  expect(new Set(started).size).toBe(5);
});
