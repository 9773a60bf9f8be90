import { API_KEY, expect, test } from './fixtures.ts';

interface RunAnswer {
  run: {
    status: string;
    version: number;
    error: { code: string; step: string } | null;
    step_runs: { step_id: string; status: string; output: Record<string, unknown>; error: unknown }[];
  };
}

const FETCH_AND_NOTIFY = {
  name: 'Fetch and notify',
  steps: [
    { id: 'fetch', type: 'http_request', config: { method: 'GET', url: '{{ mock.url }}/echo?hello=world' } },
    {
      id: 'notify',
      type: 'webhook',
      depends_on: ['fetch'],
      config: { url: '{{ mock.url }}/sink', payload: { status: '{{ steps.fetch.output.status_code }}' } },
    },
  ],
};

test('a program creates, runs, follows, updates, compares and rolls back a workflow', async ({ api }) => {
  const made = await api.call<{ id: string; workflow: { version: number; status: string } }>('POST', '/api/workflows', {
    definition: FETCH_AND_NOTIFY,
    tags: ['demo'],
  });
  expect(made.status).toBe(201);
  expect(made.body.id).toMatch(/^wf_/);
  expect(made.body.workflow.version).toBe(1);
  const path = `/api/workflows/${made.body.id}`;

  const started = await api.call<{ run_id: string }>('POST', `${path}/run`, { input_data: {} });
  expect(started.status).toBe(202);
  expect(started.body.run_id).toMatch(/^run_/);

  const events = await api.events(started.body.run_id);
  expect(events.map((event) => event.id)).toEqual(events.map((_event, index) => index + 1));
  expect(events.map((event) => event.name)).toEqual([
    'run_queued',
    'run_started',
    'step_started',
    'step_completed',
    'step_started',
    'step_completed',
    'run_completed',
  ]);
  expect(events.at(-1)?.data).toMatchObject({ run_id: started.body.run_id, status: 'completed' });
  expect(await api.events(started.body.run_id, 4)).toEqual(events.slice(4));

  const got = await api.call<RunAnswer>('GET', `/api/workflows/runs/${started.body.run_id}`);
  expect(got.body.run).toMatchObject({ status: 'completed', version: 1, error: null });
  expect(got.body.run.step_runs.map((step) => [step.step_id, step.status])).toEqual([
    ['fetch', 'completed'],
    ['notify', 'completed'],
  ]);
  expect(got.body.run.step_runs[0]?.output).toMatchObject({ status_code: 200, body: { query: { hello: 'world' } } });

  const changed = structuredClone(FETCH_AND_NOTIFY);
  (changed.steps[0] as { config: { url: string } }).config.url = '{{ mock.url }}/echo?hello=again';
  const updated = await api.call<{ version: number }>('PUT', path, { definition: changed, change_summary: 'Say it again' });
  expect(updated.body.version).toBe(2);

  const diff = await api.call<{ diff: unknown[]; summary: string }>('GET', `${path}/diff?v1=1&v2=2`);
  expect(diff.body.diff).toEqual([{ op: 'replace', path: '/steps/0/config/url', value: '{{ mock.url }}/echo?hello=again' }]);
  expect(diff.body.summary).toBe('Modified 1 step');

  const back = await api.call<{ version: number; definition: object }>('POST', `${path}/rollback`, { version: 1 });
  expect(back.body.version).toBe(3);
  const same = await api.call<{ diff: unknown[] }>('GET', `${path}/diff?v1=1&v2=3`);
  expect(same.body.diff).toEqual([]);

  expect((await api.call('DELETE', path)).status).toBe(204);
  expect((await api.call('GET', path)).status).toBe(404);
});

test('a finished run answers 204 to a reader that has it all', async ({ api, baseURL }) => {
  const run = await api.finishedRun(await api.workflow(FETCH_AND_NOTIFY));
  const events = await api.events(run);
  const again = await api.call('GET', `/api/workflows/runs/${run}/stream`, undefined, { 'last-event-id': String(events.at(-1)?.id) });
  expect(again.status).toBe(204);
  expect(baseURL).toBeTruthy();
});

test('an invalid definition is refused with every fault and leaves nothing behind', async ({ api }) => {
  const before = await api.call<{ total: number }>('GET', '/api/workflows?search=Broken');
  const refused = await api.call<{ error: string; details: { step: string; path: string; code: string; message: string }[] }>(
    'POST',
    '/api/workflows',
    {
      definition: {
        name: 'Broken',
        steps: [
          { id: 'step_a', type: 'transform', config: { expression: '1' }, depends_on: ['step_b'] },
          { id: 'step_b', type: 'transform', config: { expression: '1' }, depends_on: ['step_a'] },
          { id: 'notify', type: 'webhook', config: { url: '{{ mock.url }}/sink' }, depends_on: ['fetch'] },
          { id: 'odd', type: 'teleport', config: {} },
        ],
      },
    },
  );
  expect(refused.status).toBe(422);
  expect(refused.body.error).toBe('validation_error');
  const texts = refused.body.details.map((problem) => problem.message);
  expect(texts).toContain("Step 'notify' depends on 'fetch' which doesn't exist");
  expect(texts.some((text) => text.startsWith('Cycle detected: step_a → step_b → step_a'))).toBe(true);
  expect(texts.some((text) => text.includes('teleport'))).toBe(true);
  expect(refused.body.details.every((problem) => problem.code !== '' && problem.path.startsWith('/'))).toBe(true);
  expect((await api.call<{ total: number }>('GET', '/api/workflows?search=Broken')).body.total).toBe(before.body.total);
});

const HOSTILE: [string, number, unknown][] = [
  ['unknown key', 422, { definition: { ...FETCH_AND_NOTIFY, stepz: [] } }],
  ['no steps', 422, { definition: { name: 'x', steps: [] } }],
  ['a definition that is text', 422, { definition: 'DROP TABLE' }],
  ['a body that is a list', 422, [1, 2, 3]],
  ['a NUL character', 422, { definition: { ...FETCH_AND_NOTIFY, name: 'a\u0000b' } }],
  [
    'prototype keys',
    422,
    JSON.parse('{"definition":{"__proto__":{"name":"x"},"constructor":1,"name":"x","steps":[{"id":"__proto__","type":"constructor"}]}}'),
  ],
  ['unknown type', 422, { definition: { name: 'x', steps: [{ id: 'a', type: 'constructor' }] } }],
];

for (const [what, status, body] of HOSTILE) {
  test(`bad input is refused in words: ${what}`, async ({ api }) => {
    const refused = await api.call<{ error: string; message: string; status: number; request_id: string }>('POST', '/api/workflows', body);
    expect(refused.status).toBe(status);
    expect(refused.body).toMatchObject({ error: 'validation_error', status });
    expect(refused.body.request_id).not.toBe('');
    expect(refused.body.message).not.toMatch(/\bat .*\.ts:\d+/);
  });
}

test('text that is no JSON, deep nesting, another media type and 10 MB are refused at the door', async ({ request }) => {
  const post = (data: string | Buffer, type = 'application/json') =>
    request.post('/api/workflows', { data: Buffer.from(data), headers: { authorization: `Bearer ${API_KEY}`, 'content-type': type } });
  expect((await post('{"definition":')).status()).toBe(400);
  expect((await post(Buffer.from([0x22, 0xff, 0x22]))).status()).toBe(400);
  expect((await post(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).status()).toBe(422);
  expect((await post('{"definition":{"name":"\\ud800","steps":[]}}')).status()).toBe(422);
  expect((await post('name=x', 'application/x-www-form-urlencoded')).status()).toBe(415);
  expect((await post(`{"definition":"${'x'.repeat(10_000_000)}"}`)).status()).toBe(413);
});

test('10,000 steps are accepted, 10,001 are not', async ({ api }) => {
  const steps = Array.from({ length: 10_001 }, (_unused, index) => ({
    id: `s${index}`,
    type: 'transform',
    config: { expression: '1' },
    depends_on: index === 0 ? [] : [`s${index - 1}`],
  }));
  expect((await api.call('POST', '/api/workflows', { definition: { name: 'Long', steps: steps.slice(0, 10_000) } })).status).toBe(201);
  expect((await api.call('POST', '/api/workflows', { definition: { name: 'Too long', steps } })).status).toBe(422);
});

test('without a key nothing is told, not even what exists', async ({ request }) => {
  for (const path of ['/api/workflows', '/api/workflows/wf_0', '/api/nothing', '/api/workflows/runs', '/api/keys', '/api/openapi.json']) {
    const refused = await request.get(path, { headers: { authorization: 'Bearer wl_wrong_wrong_wrong_wrong' } });
    expect(refused.status(), path).toBe(401);
  }
  expect((await request.get('/api/health')).status()).toBe(200);
});

test('unknown paths, methods and ids are told apart', async ({ api }) => {
  expect((await api.call('GET', '/api/nothing')).status).toBe(404);
  const wrongMethod = await api.call('DELETE', '/api/workflows');
  expect(wrongMethod.status).toBe(405);
  expect(wrongMethod.headers.allow).toContain('POST');
  for (const id of ['wf_0', 'wf_ffffffffffffffffffffffffffffffff', '%00', "' or 1=1"]) {
    expect((await api.call('GET', `/api/workflows/${id}`)).status, id).toBe(404);
  }
});

test('a step that fails, times out or prints garbage is told in the run', async ({ api }) => {
  const failing = await api.workflow({
    name: 'Three ways to fail',
    steps: [
      { id: 'refused', type: 'http_request', config: { method: 'GET', url: '{{ mock.url }}/flaky?key=always&fail=1000000' } },
      { id: 'slow', type: 'http_request', timeout: '200ms', config: { method: 'GET', url: '{{ mock.url }}/slow?ms=5000' } },
      {
        id: 'garbage',
        type: 'script',
        config: { language: 'shell', code: "printf '\\377\\000\\355\\240\\200'; echo 'it broke' >&2; exit 3" },
      },
    ],
  });
  const run = await api.finishedRun(failing);
  const got = await api.call<RunAnswer>('GET', `/api/workflows/runs/${run}`);
  expect(got.body.run.status).toBe('failed');
  expect(got.body.run.error).toMatchObject({ step: 'refused', code: 'HTTP_STATUS' });
  expect(got.body.run.step_runs.map((step) => [step.step_id, step.status, (step.error as { code: string }).code])).toEqual([
    ['refused', 'failed', 'HTTP_STATUS'],
    ['slow', 'failed', 'STEP_TIMEOUT'],
    ['garbage', 'failed', 'SCRIPT_EXIT'],
  ]);
});

test('a live run is cancelled once, and refuses to be deleted before', async ({ api }) => {
  const workflow = await api.workflow({
    name: 'Sleeper',
    steps: [
      { id: 'nap', type: 'wait', config: { duration: '1 hour' } },
      { id: 'after', type: 'transform', depends_on: ['nap'], config: { expression: '1' } },
    ],
  });
  const started = await api.call<{ run_id: string }>('POST', `/api/workflows/${workflow}/run`);
  const run = `/api/workflows/runs/${started.body.run_id}`;
  expect((await api.call('DELETE', run)).status).toBe(409);
  expect((await api.call('POST', `${run}/cancel`)).status).toBe(202);
  const events = await api.events(started.body.run_id);
  expect(events.at(-1)).toMatchObject({ name: 'run_completed', data: { status: 'cancelled' } });
  expect((await api.call('POST', `${run}/cancel`)).status).toBe(409);
  expect((await api.call('DELETE', run)).status).toBe(204);
  expect((await api.call('GET', run)).status).toBe(404);
});

test('the same Idempotency-Key starts one run', async ({ api }) => {
  const workflow = await api.workflow(FETCH_AND_NOTIFY);
  const start = (input: unknown) =>
    api.call<{ run_id: string }>(
      'POST',
      `/api/workflows/${workflow}/run`,
      { input_data: input },
      { 'idempotency-key': `once-${workflow}` },
    );
  const [first, second] = [await start({ a: 1 }), await start({ a: 1 })];
  expect(second.body.run_id).toBe(first.body.run_id);
  expect((await start({ a: 2 })).status).toBe(409);
});

test('the OpenAPI document is served and names every operation', async ({ api }) => {
  const document = await api.call<{ openapi: string; paths: Record<string, unknown> }>('GET', '/api/openapi.json');
  expect(document.body.openapi).toBe('3.1.0');
  expect(Object.keys(document.body.paths)).toEqual(
    expect.arrayContaining(['/api/workflows', '/api/workflows/{id}/diff', '/api/workflows/runs/{run_id}/stream']),
  );
});

test('a sign-in is no way to send 10 MB', async ({ request, baseURL }) => {
  const body = JSON.stringify({ email: 'owner@example.test', password: 'x'.repeat(10_000_000) });
  const refused = await request.post('/api/auth/sign-in/email', {
    data: Buffer.from(body),
    headers: { 'content-type': 'application/json', origin: baseURL ?? '' },
  });
  expect(refused.status()).toBe(413);
});
