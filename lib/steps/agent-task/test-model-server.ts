import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { sendJson, startTestServer, type TestServer } from '../test-server.ts';

/** For tests: a real HTTP server that speaks the chat protocol of OpenAI, streaming, with replies from a script. */
export type Scripted =
  | {
      readonly text?: string;
      readonly calls?: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
      readonly usage?: { readonly input: number; readonly output: number; readonly cached?: number };
      readonly finish?: string;
      /** Milliseconds between the parts of the text. */
      readonly pause?: number;
    }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  /** Says nothing at all; cuts the connection after the first part; ends the stream without an end; sends this instead. */
  | { readonly odd: 'hang' | 'hang-midway' | 'cut' | 'no-end' }
  | { readonly raw: string; readonly type?: string };

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly {
    readonly role: string;
    readonly content: unknown;
    readonly tool_calls?: unknown;
    readonly tool_call_id?: string;
  }[];
  readonly tools?: readonly { readonly function: { readonly name: string; readonly parameters: unknown } }[];
  readonly response_format?: unknown;
  readonly max_tokens?: number;
  readonly temperature?: number;
}

export interface ModelServer extends TestServer {
  /** What the next requests are answered with; one that is not scripted gets "done". */
  script: Scripted[];
  chats(): ChatRequest[];
}

export async function startModelServer(): Promise<ModelServer> {
  const scripted: Scripted[] = [];
  const server = await startTestServer((request, response) => {
    if (request.url !== '/v1/chat/completions') return sendJson(response, { error: { message: 'No such path' } }, 404);
    void answer(response, made.script.shift() ?? { text: 'done' });
  });
  const made: ModelServer = Object.assign(server, {
    script: scripted,
    chats: () =>
      server.requests.filter((request) => request.url.endsWith('/completions')).map((request) => JSON.parse(request.body) as ChatRequest),
  });
  return made;
}

async function answer(response: ServerResponse, reply: Scripted): Promise<void> {
  if ('status' in reply) {
    return sendJson(response, reply.body ?? { error: { message: `scripted ${reply.status}`, type: 'x' } }, reply.status, reply.headers);
  }
  if ('raw' in reply) {
    response.writeHead(200, { 'content-type': reply.type ?? 'text/event-stream' });
    response.end(reply.raw);
    return;
  }
  if ('odd' in reply && reply.odd === 'hang') return;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (choice: object, more: object = {}): void => {
    const chunk = {
      id: 'chat_1',
      object: 'chat.completion.chunk',
      created: 1_700_000_000,
      model: 'scripted-1',
      choices: [choice],
      ...more,
    };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  if ('odd' in reply) {
    send({ index: 0, delta: { role: 'assistant', content: 'Half of a' }, finish_reason: null });
    if (reply.odd === 'hang-midway') return;
    await delay(20);
    if (reply.odd === 'cut') response.socket?.destroy();
    else response.end('data: [DONE]\n\n');
    return;
  }
  const { text = '', calls = [], usage = { input: 10, output: 5 }, pause = 0 } = reply;
  for (const part of text.match(/[\s\S]{1,8}/g) ?? []) {
    send({ index: 0, delta: { role: 'assistant', content: part }, finish_reason: null });
    if (pause > 0) await delay(pause);
  }
  for (const [index, call] of calls.entries()) {
    const args = typeof call.input === 'string' ? call.input : JSON.stringify(call.input);
    const head = { index, id: call.id, type: 'function', function: { name: call.name, arguments: args.slice(0, 5) } };
    send({ index: 0, delta: { tool_calls: [head] }, finish_reason: null });
    send({ index: 0, delta: { tool_calls: [{ index, function: { arguments: args.slice(5) } }] }, finish_reason: null });
  }
  const finish = reply.finish ?? (calls.length > 0 ? 'tool_calls' : 'stop');
  send({ index: 0, delta: {}, finish_reason: finish });
  const { input, output, cached = 0 } = usage;
  const counted = {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
  };
  response.write(`data: ${JSON.stringify({ id: 'chat_1', model: 'scripted-1', created: 1, choices: [], usage: counted })}\n\n`);
  response.end('data: [DONE]\n\n');
}
