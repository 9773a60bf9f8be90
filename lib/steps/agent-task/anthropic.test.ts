import { afterAll, expect, test } from 'vitest';
import { testContext } from '../test-context.ts';
import { sendJson, startTestServer } from '../test-server.ts';
import { agentTask } from './definition.ts';
import { executeAgentTask } from './execute.ts';

/** A real HTTP server that speaks Anthropic's protocol: first a call of a tool, then an answer. */
const server = await startTestServer((request, response) => {
  if (request.url === '/api/fact') return sendJson(response, { fact: 'Ada wrote the first program' });
  if (request.headers['x-api-key'] !== 'key-0123456789') {
    return sendJson(response, { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } }, 401);
  }
  const { messages } = JSON.parse(request.text) as { messages: { role: string; content: { type: string }[] }[] };
  const answers = messages.at(-1)?.content.some((part) => part.type === 'tool_result') === true;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (event: { type: string; [key: string]: unknown }): void => {
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  };
  const usage = { input_tokens: 30, output_tokens: 1, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
  send({
    type: 'message_start',
    message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-test', content: [], stop_reason: null, usage },
  });
  if (answers) {
    send({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
    send({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Ada did.' } });
  } else {
    send({ type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'tu_1', name: 'http_request', input: {} } });
    const input = JSON.stringify({ url: `${server.origin}/api/fact` });
    send({ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: input } });
  }
  send({ type: 'content_block_stop', index: 0 });
  send({
    type: 'message_delta',
    delta: { stop_reason: answers ? 'end_turn' : 'tool_use', stop_sequence: null },
    usage: { output_tokens: 12 },
  });
  send({ type: 'message_stop' });
  response.end();
});
afterAll(() => server.close());

async function run(key: string) {
  const model = { provider: 'anthropic', base_url: `${server.origin}/v1`, model: 'claude-test', api_key_secret: 'KEY' };
  const tools = [{ type: 'http_request', allow: [`${server.origin}/api`] }];
  const config = agentTask.config.resolved.parse({ goal: 'Who wrote the first program?', model, tools });
  return executeAgentTask(config as never, testContext({ secret: async () => ({ value: key }) }));
}

test('an agent works with Anthropic’s protocol, tools included', async () => {
  expect(await run('key-0123456789')).toMatchObject({
    kind: 'completed',
    output: {
      text: 'Ada did.',
      usage: { model: 'claude-test', calls: 2, input_tokens: 60, output_tokens: 24 },
      transcript: [{ role: 'user' }, { role: 'assistant' }, { role: 'tool', results: [{ id: 'tu_1', ok: true }] }, { role: 'assistant' }],
    },
  });
});

test('and hears when its key is not accepted', async () => {
  expect(await run('another-key')).toMatchObject({
    error: { code: 'MODEL_UNAUTHORIZED', message: expect.stringContaining('invalid x-api-key') },
  });
});
