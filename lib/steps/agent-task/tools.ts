import type { Json, JsonObject } from '#lib/base/json.ts';
import type { ChildPlan } from '#lib/engine/child-plan.ts';
import type { RunError } from '#lib/engine/events.ts';
import type { StepContext } from '../executor.ts';
import { httpTool } from './http-tool.ts';
import { openMcp } from './mcp-tools.ts';
import type { AgentTool } from './settings.ts';

/** What a model may call. */
export interface OpenTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the input. */
  readonly inputSchema: JsonObject;
  /** Null where a call needs nobody's leave, else who may give it (nobody named: everybody who may change runs). */
  readonly approvers: readonly string[] | null;
  /** Of a tool that is a workflow: plans the run that the step then waits for, or says why it can't be. `run` is not asked. */
  plan?(input: Json): Promise<ChildPlan>;
  /** Does the work. What goes wrong is an output for the model to read; only an abort is thrown. `key` stays the same when the call is repeated. */
  run(input: Json, key: string, signal: AbortSignal): Promise<{ readonly ok: boolean; readonly output: Json }>;
}

export interface AgentToolbox {
  readonly tools: readonly OpenTool[];
  close(): Promise<void>;
}

/** Makes the tools ready: secrets are read, MCP servers are asked what they offer. */
export async function openTools(
  wanted: readonly AgentTool[],
  context: StepContext,
  signal: AbortSignal,
): Promise<AgentToolbox | { readonly error: RunError; readonly retryable: boolean }> {
  const tools: OpenTool[] = [];
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await Promise.allSettled(closers.map((one) => one()));
  };
  for (const one of wanted) {
    if (one.type === 'workflow') {
      tools.push(workflowTool(one, context));
      continue;
    }
    const secret = one.auth_secret === undefined ? null : await context.secret(one.auth_secret);
    if (secret !== null && 'error' in secret) {
      await close();
      return { error: secret.error, retryable: false };
    }
    const approvers = one.approval === 'ask' ? (one.approvers ?? []) : null;
    if (one.type === 'http_request') {
      tools.push({ ...httpTool(one, secret?.value ?? null, context.fetch), approvers });
      continue;
    }
    const opened = await openMcp(one, secret?.value ?? null, context.fetch, signal);
    if ('error' in opened) {
      await close();
      return { error: opened.error, retryable: true };
    }
    closers.push(opened.close);
    for (const tool of opened.tools) tools.push({ ...tool, approvers, name: freeName(tool.name, one.name, tools) });
  }
  return { tools, close };
}

function workflowTool(tool: Extract<AgentTool, { type: 'workflow' }>, { runs }: StepContext): OpenTool {
  return {
    name: tool.name,
    description: tool.description,
    inputSchema: tool.input_schema ?? { type: 'object' },
    approvers: tool.approval === 'ask' ? (tool.approvers ?? []) : null,
    plan: (input) => runs.plan({ workflowId: tool.workflow_id, version: tool.version ?? null, input: input ?? {} }),
    run: async () => ({ ok: false, output: 'A workflow is run by its step' }),
  };
}

/** The tool's own name where it is free, else with that of its server, else with a number. */
function freeName(name: string, server: string, taken: readonly OpenTool[]): string {
  const plain = name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) || 'tool';
  const isFree = (candidate: string) => !taken.some((tool) => tool.name === candidate);
  if (isFree(plain)) return plain;
  const longer = `${server}_${plain}`.slice(0, 60);
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? longer : `${longer}_${number}`;
    if (isFree(candidate)) return candidate;
  }
}
