import { expect, it, vi } from 'vitest';
import { mockServer } from './mock-server.ts';

const url = (path: string) => `http://localhost${path}`;

it('echoes what it was sent, but no credentials', async () => {
  const answer = await mockServer().request(url('/echo?a=1'), {
    method: 'POST',
    body: '{"b":[2]}',
    headers: { 'content-type': 'application/json', authorization: 'Bearer secret', cookie: 's=1', 'x-trace': 't' },
  });
  expect(await answer.json()).toEqual({
    method: 'POST',
    path: '/echo',
    query: { a: '1' },
    headers: { 'content-type': 'application/json', 'x-trace': 't' },
    body: { b: [2] },
  });
});

it('fails the first calls of each key, then answers', async () => {
  const app = mockServer();
  const status = async (key: string) => (await app.request(url(`/flaky?key=${key}&fail=2`))).status;
  expect([await status('a'), await status('a'), await status('b'), await status('a'), await status('b')]).toEqual([
    503, 503, 503, 200, 503,
  ]);
});

it('hands out every item once, by page and by cursor', async () => {
  const app = mockServer();
  const ids: number[] = [];
  for (let next: string | null = url('/paged?per_page=10&total=25'); next !== null; ) {
    const body = (await (await app.request(next)).json()) as { items: { id: number }[]; next: string | null };
    ids.push(...body.items.map((entry) => entry.id));
    next = body.next;
  }
  expect(ids).toEqual(Array.from({ length: 25 }, (_unused, index) => index + 1));

  const byCursor: number[] = [];
  for (let cursor: string | null = '0'; cursor !== null; ) {
    const body = (await (await app.request(url(`/paged?per_page=7&total=25&cursor=${cursor}`))).json()) as {
      items: { id: number }[];
      next_cursor: string | null;
    };
    byCursor.push(...body.items.map((entry) => entry.id));
    cursor = body.next_cursor;
  }
  expect(byCursor).toEqual(ids);
});

it('answers late, and not at all to who has left', async () => {
  const leaving = new AbortController();
  const answer = mockServer().request(url('/slow?ms=30000'), { signal: leaving.signal });
  leaving.abort();
  expect((await answer).status).toBe(200);
});

it('keeps the newest hundred deliveries', async () => {
  const app = mockServer();
  for (let n = 1; n <= 105; n += 1) await app.request(url('/sink'), { method: 'POST', body: `{"n":${n}}` });
  const { deliveries, total } = (await (await app.request(url('/sink'))).json()) as {
    deliveries: { body: { n: number } }[];
    total: number;
  };
  expect(total).toBe(100);
  expect(deliveries[0]?.body).toEqual({ n: 105 });
});

it.each(['/paged?page=-5&per_page=x', '/paged?cursor=zzz', '/flaky?fail=-1', '/echo?%00=1'])('shrugs off %s', async (path) => {
  expect((await mockServer().request(url(path))).status).toBeLessThan(500);
});

it('has nothing elsewhere', async () => {
  expect((await mockServer().request(url('/nothing'))).status).toBe(404);
});

it('takes no more than it can keep', async () => {
  const flood = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(0x61)) });
  const answer = await mockServer().request(url('/sink'), { method: 'POST', body: flood, duplex: 'half' } as RequestInit);
  expect(answer.status).toBe(413);
});

it('refuses large bodies and keeps only small ones', async () => {
  const app = mockServer();
  const post = (body: string) => app.request(url('/sink'), { method: 'POST', body, headers: { 'content-length': String(body.length) } });
  expect((await post('x'.repeat(1_100_000))).status).toBe(413);
  expect((await post('x'.repeat(70_000))).status).toBe(202);
  const { deliveries } = (await (await app.request(url('/sink'))).json()) as { deliveries: { body: string }[] };
  expect(deliveries.map((delivery) => delivery.body)).toEqual(['More than 65536 characters, not kept']);
});

it('has jobs that are done at the look that their start names', async () => {
  const app = mockServer();
  const started = await app.request(url('/jobs?looks=2'), { method: 'POST' });
  expect(started.status).toBe(202);
  const { id } = (await started.json()) as { id: string };
  const look = async (path: string) => (await app.request(url(path))).json();
  expect(await look(`/jobs/${id}`)).toEqual({ status: 'running', looks: 1 });
  expect(await look(`/jobs/${id}`)).toEqual({ status: 'done', looks: 2, result: 42 });
  expect((await app.request(url('/jobs/none'))).status).toBe(404);
});

it('takes so many calls a second for each key, then says when to come again', async () => {
  vi.useFakeTimers({ now: 1_000_000 });
  try {
    const app = mockServer();
    const call = (key: string) => app.request(url(`/limited?key=${key}&per_second=2`), { method: 'POST' });
    expect([(await call('a')).status, (await call('a')).status, (await call('b')).status]).toEqual([200, 200, 200]);
    const refused = await call('a');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    vi.setSystemTime(1_001_000);
    expect((await call('a')).status).toBe(200);
  } finally {
    vi.useRealTimers();
  }
});
