import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { schemaProblems } from '#lib/server/check-input.ts';
import { createEgressFetch } from '../egress.ts';
import type { StepContext, StepOutcome } from '../executor.ts';
import { testContext } from '../test-context.ts';
import { sendJson, startTestServer } from '../test-server.ts';
import { agentTask } from './definition.ts';
import { executeAgentTask } from './execute.ts';
import { AgentSettings } from './settings.ts';
import { startMcpServer } from './test-mcp-server.ts';
import { type Scripted, startModelServer } from './test-model-server.ts';

const model = await startModelServer();
const mcp = await startMcpServer({ token: 'mcp-token-123' });
const api = await startTestServer((request, response) => {
  if (request.url?.startsWith('/v1/moved')) return sendJson(response, {}, 302, { location: '/secret' });
  sendJson(response, {
    path: request.url,
    auth: request.headers.authorization ?? null,
    key: request.headers['idempotency-key'] ?? null,
    body: request.text,
  });
});
afterAll(() => Promise.all([model.close(), mcp.close(), api.close()]));
beforeEach(() => {
  model.script = [];
});

interface Emitted {
  readonly name: string;
  readonly data: Json;
}
const SECRETS: Readonly<Record<string, string>> = { KEY: 'sk-test-0123456789', MCP: 'mcp-token-123', API: 'api-token-456' };

/** A context that keeps what is emitted, as the journal does. */
function context(changes: Partial<StepContext> = {}): ReturnType<typeof testContext> & { readonly emitted: Emitted[] } {
  const emitted: Emitted[] = [];
  const made = testContext({
    secret: async (name) => {
      const value = SECRETS[name];
      return value === undefined ? { error: { code: 'SECRET_NOT_FOUND', message: `There is no secret '${name}'` } } : { value };
    },
    checkSchema: (schema, value) => schemaProblems(schema, value, 'the schema'),
    emit: (name, data) => emitted.push({ name, data }),
    record: async (name, data) => void emitted.push({ name, data }),
    recorded: async () => [...emitted],
    ...changes,
  });
  return Object.assign(made, { emitted });
}

async function run(script: readonly Scripted[], config: JsonObject = {}, at = context()): Promise<StepOutcome> {
  model.script = [...script];
  const inline =
    'agent_id' in config || 'recording' in config ? {} : { model: { base_url: `${model.origin}/v1`, model: 'm', api_key_secret: 'KEY' } };
  const resolved = agentTask.config.resolved.parse({ goal: 'Greet Ada', ...inline, ...config });
  return await executeAgentTask(resolved as never, at);
}

// biome-ignore lint/suspicious/noExplicitAny: outputs are JSON of many shapes
function outputOf(outcome: StepOutcome): any {
  if (outcome.kind !== 'completed') throw new Error(JSON.stringify(outcome));
  return outcome.output;
}

/** An agent in settings that works with the test's model. */
const agent = (more: object) => async () => AgentSettings.parse({ base_url: `${model.origin}/v1`, model: 'm', ...more });
const httpTool = { type: 'http_request', allow: [`${api.origin}/v1/`], methods: ['GET', 'POST'] };

describe('an answer', () => {
  test('checklist #34: comes as text with usage and transcript, and appears as it is written', async () => {
    const at = context();
    const before = model.requests.length;
    const output = outputOf(
      await run(
        [{ text: 'Hello Ada, how are you today?', pause: 60, usage: { input: 20, output: 7, cached: 4 } }],
        { context: { n: 1 } },
        at,
      ),
    );
    expect(output).toMatchObject({
      text: 'Hello Ada, how are you today?',
      object: null,
      usage: { model: 'scripted-1', calls: 1, input_tokens: 20, cached_tokens: 4, output_tokens: 7, total_tokens: 27, cost: null },
      transcript: [{ role: 'user' }, { role: 'assistant', text: 'Hello Ada, how are you today?', tool_calls: [] }],
    });
    const [request] = model.requests.slice(before);
    expect(request?.headers.authorization).toBe('Bearer sk-test-0123456789');
    expect(model.chats().at(-1)).toMatchObject({ model: 'm', messages: [{ role: 'user', content: 'Greet Ada\n\n{\n "n": 1\n}' }] });
    const texts = at.emitted.filter((event) => event.name === 'agent.text').map((event) => (event.data as { text: string }).text);
    expect(texts.length).toBeGreaterThan(1);
    expect(texts.join('')).toBe('Hello Ada, how are you today?');
    expect(at.emitted.at(-1)).toMatchObject({ name: 'agent.reply', data: { turn: 0, text: 'Hello Ada, how are you today?' } });
  });

  test('a long one leaves at most ten rows a second', async () => {
    const at = context();
    const started = performance.now();
    await run([{ text: 'x'.repeat(1600), pause: 5 }], {}, at);
    const rows = at.emitted.filter((event) => event.name === 'agent.text').length;
    expect(rows).toBeLessThanOrEqual(2 + (performance.now() - started) / 100);
  });

  test('an agent of the settings gives model, instructions, temperature and key', async () => {
    const at = context({ agent: agent({ system_prompt: 'Be brief.', temperature: 0.2, api_key_secret: 'KEY' }) });
    outputOf(await run([{ text: 'Hi' }], { agent_id: 'Greeter' }, at));
    expect(model.chats().at(-1)).toMatchObject({
      temperature: 0.2,
      messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }],
    });
    outputOf(await run([{ text: 'Hi' }], { agent_id: 'Greeter', system_prompt: 'Be long.' }, context({ agent: at.agent })));
    expect(model.chats().at(-1)?.messages[0]).toMatchObject({ content: 'Be long.' });
    expect(await run([], { agent_id: 'Nobody' })).toMatchObject({
      retryable: false,
      error: { code: 'AGENT_NOT_FOUND', path: '/config/agent_id' },
    });
  });

  test('a missing key is said before the model is asked', async () => {
    const before = model.requests.length;
    const inline = { model: { base_url: `${model.origin}/v1`, model: 'm', api_key_secret: 'NOPE' } };
    expect(await run([], inline)).toMatchObject({ retryable: false, error: { code: 'SECRET_NOT_FOUND' } });
    expect(model.requests).toHaveLength(before);
  });
});

describe('an answer of a shape', () => {
  const output_schema = {
    type: 'object',
    properties: { mood: { enum: ['good', 'bad'] } },
    required: ['mood'],
    additionalProperties: false,
  };

  test('is asked for, checked, and given as an object', async () => {
    expect(outputOf(await run([{ text: '{"mood":"good"}' }], { output_schema })).object).toEqual({ mood: 'good' });
    expect(model.chats().at(-1)?.response_format).toMatchObject({ type: 'json_schema', json_schema: { schema: output_schema } });
    expect(outputOf(await run([{ text: '```json\n{"mood":"bad"}\n```' }], { output_schema })).object).toEqual({ mood: 'bad' });
  });

  test('is asked for again with what does not fit, and given up after two more tries', async () => {
    const output = outputOf(await run([{ text: 'fine' }, { text: '{"mood":"so so"}' }, { text: '{"mood":"bad"}' }], { output_schema }));
    expect(output).toMatchObject({ object: { mood: 'bad' }, usage: { calls: 3 } });
    expect(model.chats().at(-1)?.messages.at(-1)?.content).toMatch(/\/mood/);
    const wrong = { text: '{}' };
    expect(await run([wrong, wrong, wrong], { output_schema })).toMatchObject({
      kind: 'failed',
      retryable: false,
      error: { code: 'AGENT_OUTPUT_INVALID', data: { usage: { calls: 3 }, answer: '{}' } },
    });
  });

  test('is told in words to servers that know no schema', async () => {
    const at = context({ agent: agent({ structured_outputs: false }) });
    expect(outputOf(await run([{ text: '{"mood":"good"}' }], { agent_id: 'a', output_schema }, at)).object).toEqual({ mood: 'good' });
    expect(model.chats().at(-1)).not.toHaveProperty('response_format');
    expect(model.chats().at(-1)?.messages[0]?.content).toContain('"mood"');
  });
});

describe('tools', () => {
  test('HTTP: the addresses that are allowed, with a token that the model never sees', async () => {
    const calls = [
      { id: 'c1', name: 'http_request', input: { url: `${api.origin}/v1/users?id=1` } },
      { id: 'c2', name: 'http_request', input: { method: 'POST', url: `${api.origin}/v1/users`, body: { name: 'Ada' } } },
      { id: 'c3', name: 'http_request', input: { url: `${api.origin}/admin` } },
      { id: 'c4', name: 'http_request', input: { url: `${api.origin}/v1/../admin` } },
      { id: 'c5', name: 'http_request', input: { method: 'DELETE', url: `${api.origin}/v1/users` } },
      { id: 'c6', name: 'http_request', input: { url: `${api.origin}/v1/moved` } },
      { id: 'c7', name: 'http_request', input: { url: `${api.origin}/v1/%2e%2e%2fadmin` } },
    ];
    const at = context();
    const output = outputOf(await run([{ calls }, { text: 'ok' }], { tools: [{ ...httpTool, auth_secret: 'API' }] }, at));
    const { results } = output.transcript[2];
    expect(results.map((result: { ok: boolean }) => result.ok)).toEqual([true, true, false, false, false, false, false]);
    expect(results[0].output).toMatchObject({
      status_code: 200,
      body: { path: '/v1/users?id=1', auth: 'Bearer api-token-456', key: null },
    });
    expect(results[1].output.body).toMatchObject({ key: 'run_1:step:1:0:c2', body: '{"name":"Ada"}' });
    expect(results[2].output).toContain('may not be called');
    expect(results[5].output).toMatchObject({ status_code: 302, location: '/secret' });
    expect(
      model
        .chats()
        .at(-1)
        ?.messages.filter((message) => message.role === 'tool'),
    ).toHaveLength(7);
    expect(at.emitted.filter((event) => event.name === 'agent.tool_result')).toHaveLength(7);
  });

  test('of an MCP server, all its pages, over its own names', async () => {
    const calls = [
      { id: 'a', name: 'shout', input: { text: 'hello' } },
      { id: 'b', name: 'weather_now', input: {} },
      { id: 'c', name: 'broken', input: {} },
    ];
    const tools = [{ type: 'mcp', name: 'test', url: `${mcp.origin}/mcp`, auth_secret: 'MCP' }];
    const output = outputOf(await run([{ calls }, { text: 'ok' }], { tools }));
    expect(output.transcript[2].results).toEqual([
      { id: 'a', name: 'shout', ok: true, output: 'HELLO' },
      { id: 'b', name: 'weather_now', ok: true, output: { sky: 'blue' } },
      { id: 'c', name: 'broken', ok: false, output: 'It is broken' },
    ]);
    expect(
      model
        .chats()
        .at(-2)
        ?.tools?.map((tool) => tool.function.name),
    ).toEqual(['shout', 'weather_now', 'broken']);
    outputOf(await run([{ text: 'ok' }], { tools: [{ ...tools[0], only: ['shout'] }] }));
    expect(
      model
        .chats()
        .at(-1)
        ?.tools?.map((tool) => tool.function.name),
    ).toEqual(['shout']);
  });

  test('of an MCP server that is not there, or refuses, fail the step', async () => {
    expect(await run([], { tools: [{ type: 'mcp', name: 'gone', url: 'http://127.0.0.1:59999/mcp' }] })).toMatchObject({
      retryable: true,
      error: { code: 'MCP_FAILED', message: expect.stringContaining("'gone' at http://127.0.0.1:59999/mcp") },
    });
    expect(await run([], { tools: [{ type: 'mcp', name: 'shut', url: `${mcp.origin}/mcp` }] })).toMatchObject({
      error: { code: 'MCP_FAILED' },
    });
  });

  test('that do not exist, or are called with nonsense, are told to the model', async () => {
    const calls = [
      { id: 'c1', name: 'nope', input: {} },
      { id: 'c2', name: 'http_request', input: '{"url": broken' },
    ];
    const output = outputOf(await run([{ calls }, { text: 'ok' }], { tools: [httpTool] }));
    expect(output.transcript[2].results).toMatchObject([{ ok: false, output: "There is no tool 'nope'" }, { ok: false }]);
  });
});

describe('limits', () => {
  const call = { calls: [{ id: 'c', name: 'http_request', input: { url: `${api.origin}/v1/x` } }], usage: { input: 600, output: 400 } };
  const endless = [call, call, call, call, call, call];

  test.each<[string, JsonObject, string, number]>([
    ['calls', { max_calls: 3 }, 'AGENT_CALLS_EXCEEDED', 3],
    ['tokens', { max_tokens: 1500 }, 'AGENT_TOKENS_EXCEEDED', 2],
    ['cost', { max_cost: 0.0025 }, 'AGENT_COST_EXCEEDED', 3],
  ])('of %s', async (_name, limits, code, calls) => {
    const prices = { input_per_million: 1, output_per_million: 1 };
    const at = context({ agent: agent({ prices, tools: [httpTool] }) });
    expect(await run(endless, { agent_id: 'a', limits }, at)).toMatchObject({
      kind: 'failed',
      retryable: false,
      error: { code, data: { usage: { calls, total_tokens: calls * 1000, cost: calls / 1000 } } },
    });
  });

  test('of tokens bound the next reply too', async () => {
    const outcome = await run([{ text: 'cut', finish: 'length', usage: { input: 10, output: 90 } }], { limits: { max_tokens: 100 } });
    expect(model.chats().at(-1)?.max_tokens).toBe(100);
    expect(outcome).toMatchObject({ error: { code: 'AGENT_TOKENS_EXCEEDED' } });
    expect(await run([{ text: 'cut', finish: 'length' }])).toMatchObject({ error: { code: 'AGENT_ANSWER_CUT', data: { answer: 'cut' } } });
  });

  test('of time, while the model is silent', async () => {
    const started = performance.now();
    expect(await run([{ odd: 'hang' }], { limits: { max_seconds: 0.3 } }, context({ startedAt: Date.now() }))).toMatchObject({
      retryable: false,
      error: { code: 'AGENT_TIME_EXCEEDED', data: { usage: { calls: 0 } } },
    });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test('the tighter of the agent’s and the step’s apply', async () => {
    const at = context({ agent: agent({ limits: { max_calls: 1 }, tools: [httpTool] }) });
    expect(await run(endless, { agent_id: 'a', limits: { max_calls: 5 } }, at)).toMatchObject({ error: { data: { usage: { calls: 1 } } } });
  });
});

describe('what the endpoint does wrong', () => {
  test.each<[string, Scripted, string, boolean]>([
    ['401', { status: 401 }, 'MODEL_UNAUTHORIZED', false],
    ['400', { status: 400 }, 'MODEL_REFUSED', false],
    ['404', { status: 404 }, 'MODEL_REFUSED', false],
    ['429', { status: 429, headers: { 'retry-after': '7' } }, 'MODEL_RATE_LIMITED', true],
    ['500', { status: 500 }, 'MODEL_FAILED', true],
    ['503 with HTML', { status: 503, body: '<html>' }, 'MODEL_FAILED', true],
    ['a cut connection', { odd: 'cut' }, 'HTTP_NETWORK', true],
    ['a stream without an end', { odd: 'no-end' }, 'MODEL_STREAM_CUT', true],
    ['garbage in the stream', { raw: 'data: {broken\n\n' }, 'MODEL_GARBAGE', true],
    ['JSON of another kind', { raw: 'data: {"hello":1}\n\ndata: [DONE]\n\n' }, 'MODEL_GARBAGE', true],
    ['a web page', { raw: '<html>Hello</html>', type: 'text/html' }, 'MODEL_STREAM_CUT', true],
    ['nothing', { raw: '' }, 'MODEL_STREAM_CUT', true],
  ])('%s', async (_name, scripted, code, retryable) => {
    const outcome = await run([scripted]);
    expect(outcome).toMatchObject({ kind: 'failed', retryable, error: { code, data: { usage: { calls: 0 } } } });
    if (code === 'MODEL_RATE_LIMITED')
      expect(outcome).toMatchObject({ retryAfter: 7000, error: { message: expect.stringContaining('scripted 429') } });
    expect(JSON.stringify(outcome)).not.toContain('sk-test');
  });

  test('silence, at the start and midway', async () => {
    const at = context({ agent: agent({ silence_seconds: 0.2 }) });
    for (const odd of ['hang', 'hang-midway'] as const) {
      expect(await run([{ odd }], { agent_id: 'a' }, at)).toMatchObject({ retryable: true, error: { code: 'MODEL_TIMEOUT' } });
    }
  });

  test('nobody there, and addresses that steps may not call', async () => {
    const gone = { model: { base_url: 'http://127.0.0.1:59999/v1', model: 'm' } };
    expect(await run([], gone)).toMatchObject({ retryable: true, error: { code: 'HTTP_NETWORK' } });
    const guarded = createEgressFetch({ allow: [], ownOrigin: null, mockPrefix: '/mock/' });
    expect(await run([], {}, context({ fetch: guarded }))).toMatchObject({ retryable: false, error: { code: 'EGRESS_REFUSED' } });
    const tools = [{ type: 'mcp', name: 'inner', url: `${mcp.origin}/mcp` }];
    expect(await run([], { tools }, context({ fetch: guarded }))).toMatchObject({
      error: { code: 'MCP_FAILED', message: expect.stringContaining('EGRESS_ALLOW') },
    });
    await guarded.close();
  });

  test('a stopped step stops the call', async () => {
    const at = context();
    const before = model.requests.length;
    const running = run([{ odd: 'hang-midway' }], {}, at);
    await expect.poll(() => model.requests.length).toBe(before + 1);
    at.abort();
    expect(await running).toMatchObject({ kind: 'failed', retryable: false, error: { code: 'STEP_ABORTED' } });
  });
});

describe('calls that a person has to allow', () => {
  const call = { id: 'c1', name: 'http_request', input: { method: 'POST', url: `${api.origin}/v1/pay`, body: { amount: 5 } } };
  const free = { id: 'c0', name: 'free', input: { url: `${api.origin}/v1/look` } };
  const tools = [
    { ...httpTool, approval: 'ask', approvers: ['admin'] },
    { ...httpTool, name: 'free' },
  ];

  /** Runs until the step waits, lets a person decide, and runs it again. */
  async function decided(decision: 'approved' | 'rejected', more: JsonObject = {}) {
    const at = context();
    const waits = await run([{ calls: [free, call] }], { tools }, at);
    const called = api.requests.length;
    if (waits.kind !== 'wait') throw new Error(JSON.stringify(waits));
    const { asked } = waits.data as { asked: Json };
    at.emitted.push({ name: 'decided', data: { decision, decided_by: { name: 'Ada' }, ...more, asked } });
    return { waits, called, outcome: await run([{ text: 'finished' }], { tools }, at) };
  }

  test('make the step wait, and go on from there once they are allowed', async () => {
    const asked = model.requests.length;
    const { waits, called, outcome } = await decided('approved');
    expect(waits).toMatchObject({
      on: 'approval',
      until: null,
      data: { message: expect.stringContaining('"amount": 5'), approvers: ['admin'], form: null, goes_on: true },
    });
    expect(outputOf(outcome)).toMatchObject({ text: 'finished', usage: { calls: 2 } });
    expect(outputOf(outcome).transcript[2].results).toMatchObject([
      { id: 'c0', ok: true },
      { id: 'c1', ok: true, output: { status_code: 200 } },
    ]);
    // The reply is not asked for again, and the call before is not made again.
    expect([model.requests.length - asked, api.requests.length - called]).toEqual([2, 1]);
  });

  test('are not made when they are rejected, and the model hears why', async () => {
    const { called, outcome } = await decided('rejected', { comment: 'too much' });
    expect(outputOf(outcome).transcript[2].results[1]).toEqual({
      id: 'c1',
      name: 'http_request',
      ok: false,
      output: 'Rejected by Ada: too much',
    });
    expect(api.requests).toHaveLength(called);
    expect(JSON.stringify(model.chats().at(-1)?.messages)).toContain('too much');
  });
});

describe('what was answered once is not asked again', () => {
  const first = { calls: [{ id: 'c', name: 'http_request', input: { url: `${api.origin}/v1/x` } }] };

  test('a retry goes on after the last reply, and repeats no tool call', async () => {
    const at = context();
    const asked = model.requests.length;
    const called = api.requests.length;
    expect(await run([first, { status: 500 }], { tools: [httpTool] }, at)).toMatchObject({ kind: 'failed', retryable: true });
    const output = outputOf(await run([{ text: 'finished' }], { tools: [httpTool] }, at));
    expect(output).toMatchObject({ text: 'finished', usage: { calls: 2 } });
    expect(model.requests).toHaveLength(asked + 3);
    expect(api.requests).toHaveLength(called + 1);
  });

  test('a deliberate run of the step again begins anew', async () => {
    const at = context();
    await run([{ text: 'one' }], {}, at);
    const again = Object.assign(context({ idempotencyKey: 'run_1:step:2' }), { recorded: async () => at.emitted });
    expect(outputOf(await run([{ text: 'two' }], {}, again)).text).toBe('two');
  });

  test('a recording gives the same answer without model, tools or key', async () => {
    const { transcript } = outputOf(await run([first, { text: 'finished' }], { tools: [httpTool] }));
    const asked = model.requests.length;
    const called = api.requests.length;
    const replayed = outputOf(await run([], { recording: transcript }));
    expect(replayed).toMatchObject({ text: 'finished', transcript, usage: { calls: 2 } });
    expect([model.requests.length, api.requests.length]).toEqual([asked, called]);
    expect(await run([], { recording: transcript.slice(0, 3) })).toMatchObject({ error: { code: 'AGENT_RECORDING_ENDED' } });
    expect(await run([], { recording: [1, null, { role: 'odd' }] })).toMatchObject({ error: { code: 'AGENT_RECORDING_ENDED' } });
  });
});
