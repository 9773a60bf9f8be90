import { sendJson, startTestServer, type TestServer } from '../test-server.ts';

/** For tests: a real MCP server over streamable HTTP, with tools on two pages. It answers calls as event streams. */
export async function startMcpServer(options: { readonly token?: string } = {}): Promise<TestServer> {
  const echo = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] };
  return startTestServer((request, response) => {
    if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`) {
      return sendJson(response, { error: 'no' }, 401);
    }
    if (request.method === 'DELETE') return sendJson(response, {}, 200);
    if (request.method !== 'POST') return sendJson(response, {}, 405);
    const { id, method, params } = JSON.parse(request.text) as { id?: number; method: string; params?: Record<string, unknown> };
    if (id === undefined) {
      response.writeHead(202);
      response.end();
      return;
    }
    const result = (value: unknown): void => sendJson(response, { jsonrpc: '2.0', id, result: value }, 200, { 'mcp-session-id': 's1' });
    switch (method) {
      case 'initialize':
        return result({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'test', version: '1' } });
      case 'tools/list':
        if (params?.cursor === undefined) {
          return result({ tools: [{ name: 'shout', description: 'Says it loudly', inputSchema: echo }], nextCursor: 'more' });
        }
        return result({
          tools: [
            { name: 'weather.now', description: 'Tells the weather', inputSchema: { type: 'object', properties: {} } },
            { name: 'broken', description: 'Fails', inputSchema: { type: 'object', properties: {} } },
          ],
        });
      case 'tools/call': {
        const { name, arguments: given } = (params ?? {}) as { name: string; arguments: { text?: string } };
        const value =
          name === 'shout'
            ? { content: [{ type: 'text', text: String(given.text).toUpperCase() }] }
            : name === 'broken'
              ? { content: [{ type: 'text', text: 'It is broken' }], isError: true }
              : { content: [], structuredContent: { sky: 'blue' } };
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id, result: value })}\n\n`);
        return;
      }
      default:
        return sendJson(response, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
    }
  });
}
