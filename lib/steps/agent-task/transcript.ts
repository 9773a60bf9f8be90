import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';
import { DECIDED_EVENT } from '#lib/engine/go-on.ts';

/**
 * What was said in the course of an agent's work, in a form that can be kept, shown and given again. The replies of the
 * model are the only part that can't be computed anew.
 */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: Json;
}

export interface Reply {
  readonly role: 'assistant';
  readonly text: string;
  readonly tool_calls: readonly ToolCall[];
  readonly model: string;
  readonly finish_reason: string;
  readonly usage: { readonly input_tokens: number; readonly cached_tokens: number; readonly output_tokens: number };
}

export interface ToolResult {
  readonly id: string;
  readonly name: string;
  readonly ok: boolean;
  readonly output: Json;
}

export type TranscriptEntry =
  | { readonly role: 'system'; readonly text: string }
  | { readonly role: 'user'; readonly text: string }
  | Reply
  | ToolResults;

interface ToolResults {
  readonly role: 'tool';
  readonly results: readonly ToolResult[];
}

/** Replies by turn and tool results by call, from a journal or from the transcript of another run. */
export interface Recording {
  readonly replies: readonly Reply[];
  readonly results: ReadonlyMap<string, ToolResult>;
  /** What people said of calls that need their leave. */
  readonly decisions: ReadonlyMap<string, Decision>;
  /** How the runs ended that calls have started. */
  readonly ends: ReadonlyMap<string, Pick<ToolResult, 'ok' | 'output'>>;
}

export interface Decision {
  readonly approved: boolean;
  readonly by: string;
  readonly comment: string;
}

/** Names of the events that keep replies and results. */
export const REPLY_EVENT = 'agent.reply';
export const RESULT_EVENT = 'agent.tool_result';

/** Reads a transcript. What is no entry is passed over. */
export function recordingOf(transcript: readonly Json[]): Recording {
  const replies: Reply[] = [];
  const results = new Map<string, ToolResult>();
  for (const entry of transcript) {
    if (!isJsonObject(entry)) continue;
    if (entry.role === 'assistant') replies.push(replyOf(entry));
    if (entry.role === 'tool' && Array.isArray(entry.results)) {
      for (const item of entry.results) if (isJsonObject(item)) results.set(resultKey(replies.length - 1, String(item.id)), resultOf(item));
    }
  }
  return { replies, results, decisions: new Map(), ends: new Map() };
}

/** Reads the events that an earlier attempt of the same execution has left. */
export function recordedEvents(events: readonly { readonly name: string; readonly data: Json }[], execution: string): Recording {
  const replies: Reply[] = [];
  const results = new Map<string, ToolResult>();
  const decisions = new Map<string, Decision>();
  const ends = new Map<string, Pick<ToolResult, 'ok' | 'output'>>();
  for (const { name, data } of events) {
    if (!isJsonObject(data)) continue;
    const { asked } = data;
    if (name === DECIDED_EVENT && isJsonObject(asked ?? null) && (asked as JsonObject).execution === execution) {
      const { turn, id } = asked as JsonObject;
      const key = resultKey(Number(turn), String(id));
      if (typeof data.run_id === 'string') ends.set(key, endOf(data));
      else decisions.set(key, decisionOf(data));
    }
    if (data.execution !== execution) continue;
    if (name === REPLY_EVENT && Number(data.turn) === replies.length) replies.push(replyOf(data));
    if (name === RESULT_EVENT) results.set(resultKey(Number(data.turn), String(data.id)), resultOf(data));
  }
  return { replies, results, decisions, ends };
}

/** A call's id is the model's, which may use it again in a later turn. */
export function resultKey(turn: number, id: string): string {
  return `${turn}:${id}`;
}

function replyOf(data: JsonObject): Reply {
  const usage = isJsonObject(data.usage) ? data.usage : {};
  const calls = Array.isArray(data.tool_calls) ? data.tool_calls.filter(isJsonObject) : [];
  return {
    role: 'assistant',
    text: typeof data.text === 'string' ? data.text : '',
    tool_calls: calls.map((call) => ({ id: String(call.id), name: String(call.name), input: call.input ?? null })),
    model: typeof data.model === 'string' ? data.model : '',
    finish_reason: typeof data.finish_reason === 'string' ? data.finish_reason : 'stop',
    usage: {
      input_tokens: count(usage.input_tokens),
      cached_tokens: count(usage.cached_tokens),
      output_tokens: count(usage.output_tokens),
    },
  };
}

function endOf({ status, output, error, run_id: run }: JsonObject): Pick<ToolResult, 'ok' | 'output'> {
  return status === 'completed'
    ? { ok: true, output: output ?? null }
    : { ok: false, output: { run_id: run ?? null, status: status ?? null, error: error ?? null } };
}

function decisionOf(data: JsonObject): Decision {
  const { decided_by: by, comment } = data;
  const name = isJsonObject(by ?? null) ? (by as JsonObject).name : null;
  return {
    approved: data.decision === 'approved',
    by: typeof name === 'string' ? name : 'a person',
    comment: typeof comment === 'string' ? comment : '',
  };
}

function resultOf(data: JsonObject): ToolResult {
  return { id: String(data.id), name: String(data.name), ok: data.ok === true, output: data.output ?? null };
}

function count(value: Json | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}
