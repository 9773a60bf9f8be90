import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';
import type { RunError } from '#lib/engine/events.ts';
import { cleanJson } from '../clean-json.ts';
import { networkReason, safeAddress } from '../outgoing.ts';
import type { AgentTool } from './settings.ts';
import type { OpenTool } from './tools.ts';

type McpTool = Extract<AgentTool, { type: 'mcp' }>;

const CONNECT_MS = 15_000;
const CALL_MS = 120_000;
const MAX_TOOLS = 200;

/** Connects to an MCP server over streamable HTTP and gives its tools. */
export async function openMcp(
  server: McpTool,
  token: string | null,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<{ readonly tools: readonly Omit<OpenTool, 'approvers'>[]; close(): Promise<void> } | { readonly error: RunError }> {
  const { createMCPClient } = await import('@ai-sdk/mcp');
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  let client: Awaited<ReturnType<typeof createMCPClient>> | null = null;
  try {
    client = await createMCPClient({
      transport: { type: 'http', url: server.url, headers, fetch },
      clientName: 'weftline',
      initializationOptions: { signal, timeout: CONNECT_MS },
      onUncaughtError: () => undefined,
    });
    const { close } = client;
    return { tools: await listAll(client, server, signal), close: () => close() };
  } catch (thrown) {
    await client?.close().catch(() => undefined);
    if (signal.aborted) throw signal.reason;
    const reason = networkReason(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));
    return {
      error: {
        code: 'MCP_FAILED',
        message: `The MCP server '${server.name}' at ${safeAddress(server.url)} can't be used: ${reason.slice(0, 500)}`,
      },
    };
  }
}

type Client = Awaited<ReturnType<typeof import('@ai-sdk/mcp').createMCPClient>>;

async function listAll(client: Client, server: McpTool, signal: AbortSignal): Promise<Omit<OpenTool, 'approvers'>[]> {
  const tools: Omit<OpenTool, 'approvers'>[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listTools({
      ...(cursor === undefined ? {} : { params: { cursor } }),
      options: { signal, timeout: CONNECT_MS },
    });
    for (const { name, description, inputSchema } of page.tools) {
      if (server.only !== undefined && !server.only.includes(name)) continue;
      tools.push({
        name,
        description: description ?? name,
        inputSchema: inputSchema as JsonObject,
        run: (input, _key, callSignal) => call(client, name, input, callSignal),
      });
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined && tools.length < MAX_TOOLS);
  return tools;
}

async function call(client: Client, name: string, input: Json, signal: AbortSignal): Promise<{ ok: boolean; output: Json }> {
  try {
    const result = await client.callTool({
      name,
      arguments: isJsonObject(input) ? { ...input } : {},
      options: { signal, timeout: CALL_MS },
    });
    return { ok: result.isError !== true, output: outputOf(result as { content?: unknown; structuredContent?: unknown }) };
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    return { ok: false, output: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

/** What the server structured, else its texts, else the parts as they came. */
function outputOf({ content, structuredContent }: { content?: unknown; structuredContent?: unknown }): Json {
  if (structuredContent !== undefined && structuredContent !== null) return cleanJson(structuredContent as Json);
  const parts = Array.isArray(content) ? content : [];
  const texts = parts.map((part) => (part as { type?: unknown; text?: unknown }).text);
  return cleanJson(texts.every((text) => typeof text === 'string') ? texts.join('\n') : (parts as Json));
}
