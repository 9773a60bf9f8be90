import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';
import type { RunEvent } from '#lib/engine/events.ts';

/** One call of a tool, with what came of it as soon as that is known. */
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: Json;
  readonly result: { readonly ok: boolean; readonly output: Json } | null;
}

/** One thing that was said: by the one who asks, or by the model, which may call tools on the way. */
export interface Turn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly text: string;
  readonly calls: readonly Call[];
  /** Tokens that the reply has read and written; null for what was told to the model, and while it is written. */
  readonly tokens: { readonly read: number; readonly written: number } | null;
}

/** What the whole of it took. */
export interface Usage {
  readonly model: string;
  readonly calls: number;
  readonly read: number;
  readonly cached: number;
  readonly written: number;
  readonly cost: number | null;
}

export interface Conversation {
  readonly turns: readonly Turn[];
  readonly usage: Usage | null;
}

/** Reads the output of a step that holds a conversation; null where it is none. */
export function conversationOfOutput(output: Json | undefined): Conversation | null {
  if (!isJsonObject(output ?? null)) return null;
  const { transcript, usage } = output as JsonObject;
  if (!Array.isArray(transcript)) return null;
  const turns: Turn[] = [];
  for (const entry of transcript) {
    if (!isJsonObject(entry)) continue;
    const { role } = entry;
    if (role === 'system' || role === 'user') turns.push({ role, text: textOf(entry.text), calls: [], tokens: null });
    if (role === 'assistant') turns.push(replyOf(entry));
    if (role === 'tool' && Array.isArray(entry.results)) {
      for (const result of entry.results) if (isJsonObject(result)) settle(turns, turns.length - 1, result);
    }
  }
  return { turns, usage: usageOf(usage) };
}

/** Reads it from the events of a step that is still at it, or has failed; null where nothing was said yet. */
export function conversationOfEvents(events: readonly RunEvent[], step: string): Conversation | null {
  const turns: Turn[] = [];
  let live = '';
  for (const event of events) {
    if (!('step' in event) || event.step !== step) continue;
    // A new attempt goes on after the last reply; a new execution begins anew and says so with its first turn.
    if (event.type !== 'step_emitted' || !isJsonObject(event.data)) continue;
    const turn = Number(event.data.turn);
    if (event.name === 'agent.text') live = turn === turns.length ? live + textOf(event.data.text) : textOf(event.data.text);
    if (event.name === 'agent.reply') {
      turns.length = Math.min(turns.length, turn);
      turns.push(replyOf(event.data));
      live = '';
    }
    if (event.name === 'agent.tool_result') settle(turns, turn, event.data);
  }
  if (live !== '') turns.push({ role: 'assistant', text: live, calls: [], tokens: null });
  return turns.length === 0 ? null : { turns, usage: null };
}

function replyOf(entry: JsonObject): Turn {
  const calls = Array.isArray(entry.tool_calls) ? entry.tool_calls.filter(isJsonObject) : [];
  const usage = isJsonObject(entry.usage ?? null) ? (entry.usage as JsonObject) : null;
  return {
    role: 'assistant',
    text: textOf(entry.text),
    calls: calls.map((call) => ({ id: textOf(call.id), name: textOf(call.name), input: call.input ?? null, result: null })),
    tokens: usage === null ? null : { read: countOf(usage.input_tokens), written: countOf(usage.output_tokens) },
  };
}

function settle(turns: Turn[], at: number, result: JsonObject): void {
  const turn = turns[at];
  if (turn === undefined) return;
  const done = { ok: result.ok === true, output: result.output ?? null };
  turns[at] = { ...turn, calls: turn.calls.map((call) => (call.id === result.id ? { ...call, result: done } : call)) };
}

function usageOf(value: Json | undefined): Usage | null {
  if (!isJsonObject(value ?? null)) return null;
  const usage = value as JsonObject;
  return {
    model: textOf(usage.model),
    calls: countOf(usage.calls),
    read: countOf(usage.input_tokens),
    cached: countOf(usage.cached_tokens),
    written: countOf(usage.output_tokens),
    cost: typeof usage.cost === 'number' ? usage.cost : null,
  };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function countOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}
