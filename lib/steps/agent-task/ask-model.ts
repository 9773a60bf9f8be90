import type { LanguageModel, ModelMessage, ToolSet } from 'ai';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { cleanJson, cleanText } from '../clean-json.ts';
import { ReplyError } from './model-error.ts';
import type { AgentToolbox } from './tools.ts';
import type { Reply, ToolCall, TranscriptEntry } from './transcript.ts';

/** Milliseconds without a sign of the model after which it is given up. */
const SILENCE_MS = 120_000;
/** Characters that one reply may have. */
const MAX_REPLY = 512 * 1024;

export interface Question {
  readonly model: LanguageModel;
  readonly transcript: readonly TranscriptEntry[];
  readonly toolbox: AgentToolbox;
  readonly schema: JsonObject | undefined;
  readonly temperature: number | undefined;
  readonly maxOutputTokens: number | null;
  readonly signal: AbortSignal;
  /** Milliseconds; 2 minutes without it. */
  readonly silence?: number | undefined;
  onText(text: string): void;
}

/** Asks the model once and reads its reply as it comes. Rejects with ReplyError, or with what the library threw. */
export async function askModel(question: Question): Promise<Reply> {
  // The library would write its hints to the worker's log.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  const { streamText, jsonSchema, tool, Output } = await import('ai');
  const silence = question.silence ?? SILENCE_MS;
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), silence);
  const tools: ToolSet = {};
  for (const one of question.toolbox.tools) {
    tools[one.name] = tool({ description: one.description, inputSchema: jsonSchema(one.inputSchema as never) });
  }
  const { instructions, messages } = messagesOf(question.transcript);
  try {
    const result = streamText({
      model: question.model,
      messages,
      maxRetries: 0,
      abortSignal: AbortSignal.any([question.signal, silent.signal]),
      onError: () => undefined,
      ...(instructions === '' ? {} : { instructions }),
      ...(question.toolbox.tools.length === 0 ? {} : { tools }),
      ...(question.temperature === undefined ? {} : { temperature: question.temperature }),
      ...(question.maxOutputTokens === null ? {} : { maxOutputTokens: question.maxOutputTokens }),
      ...(question.schema === undefined ? {} : { output: Output.object({ schema: jsonSchema(question.schema as never) }) }),
    });
    let text = '';
    const calls: ToolCall[] = [];
    let ended: Pick<Reply, 'model' | 'finish_reason' | 'usage'> | null = null;
    for await (const part of result.fullStream) {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), silence);
      if (part.type === 'text-delta') {
        text += part.text;
        if (text.length > MAX_REPLY)
          throw new ReplyError('MODEL_ANSWER_TOO_LARGE', `did not come to an end within ${MAX_REPLY} characters`);
        question.onText(part.text);
      } else if (part.type === 'tool-call') {
        calls.push({ id: part.toolCallId, name: part.toolName, input: cleanJson((part.input ?? null) as Json) });
      } else if (part.type === 'finish-step') {
        if (part.rawFinishReason === undefined) throw new ReplyError('MODEL_STREAM_CUT', 'stopped before its reply was whole');
        ended = {
          model: part.response.modelId,
          finish_reason: part.finishReason,
          usage: {
            input_tokens: part.usage.inputTokens ?? 0,
            cached_tokens: part.usage.inputTokenDetails.cacheReadTokens ?? 0,
            output_tokens: part.usage.outputTokens ?? 0,
          },
        };
      } else if (part.type === 'error') {
        throw part.error;
      } else if (part.type === 'abort') {
        break;
      }
    }
    if (silent.signal.aborted) throw silenceError(silence);
    if (question.signal.aborted) throw question.signal.reason;
    if (ended === null) throw new ReplyError('MODEL_STREAM_CUT', 'stopped before its reply was whole');
    return { role: 'assistant', text: cleanText(text), tool_calls: calls, ...ended };
  } catch (thrown) {
    throw silent.signal.aborted && !question.signal.aborted ? silenceError(silence) : thrown;
  } finally {
    clearTimeout(timer);
  }
}

function silenceError(silence: number): ReplyError {
  return new ReplyError('MODEL_TIMEOUT', `said nothing for ${silence / 1000} s`);
}

/** A transcript in the library's words. */
function messagesOf(transcript: readonly TranscriptEntry[]): { instructions: string; messages: ModelMessage[] } {
  let instructions = '';
  const messages: ModelMessage[] = [];
  for (const entry of transcript) {
    if (entry.role === 'system') instructions = entry.text;
    else if (entry.role === 'user') messages.push({ role: 'user', content: entry.text });
    else if (entry.role === 'assistant') messages.push(assistantMessage(entry));
    else {
      messages.push({
        role: 'tool',
        content: entry.results.map(({ id, name, ok, output }) => ({
          type: 'tool-result',
          toolCallId: id,
          toolName: name,
          output:
            typeof output === 'string'
              ? { type: ok ? ('text' as const) : ('error-text' as const), value: output }
              : { type: ok ? ('json' as const) : ('error-json' as const), value: output as never },
        })),
      });
    }
  }
  return { instructions, messages };
}

function assistantMessage(entry: Reply): ModelMessage {
  const calls = entry.tool_calls.map(({ id, name, input }) => ({ type: 'tool-call' as const, toolCallId: id, toolName: name, input }));
  const text = entry.text === '' ? [] : [{ type: 'text' as const, text: entry.text }];
  return { role: 'assistant', content: [...text, ...calls] };
}
