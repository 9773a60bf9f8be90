import type { LanguageModel } from 'ai';
import type { Json } from '#lib/base/json.ts';
import type { StepContext, StepOutcome } from '../executor.ts';
import { excerpt, failed } from '../outgoing.ts';
import { askModel } from './ask-model.ts';
import { Budget } from './budget.ts';
import type { AgentTaskConfig } from './definition.ts';
import { LiveText } from './live-text.ts';
import { modelFailure } from './model-error.ts';
import type { AgentSettings } from './settings.ts';
import type { AgentToolbox } from './tools.ts';
import {
  type Decision,
  REPLY_EVENT,
  RESULT_EVENT,
  type Recording,
  type Reply,
  resultKey,
  type ToolCall,
  type ToolResult,
  type TranscriptEntry,
} from './transcript.ts';

interface Task {
  readonly settings: AgentSettings;
  readonly config: AgentTaskConfig;
  readonly context: StepContext;
  readonly recording: Recording;
  /** Nothing but the recording may answer. */
  readonly isReplay: boolean;
  readonly signal: AbortSignal;
}

/** Characters of a tool's output that the model, the transcript and the journal get. */
const MAX_TOOL_TEXT = 50_000;
/** Characters that a transcript may have within an output. */
const MAX_TRANSCRIPT = 600_000;
/** How often an answer that does not fit its schema is asked for again. */
const MOST_REPAIRS = 2;

/**
 * One agent at work.
 *
 *     ask ─▶ reply, kept ─▶ no tool calls ─▶ answer fits ─▶ done
 *      ▲         │                              └─▶ told what does not fit ─▶ ask
 *      └─ results, kept ◀─ tool calls
 *
 * A reply or result that was kept by an earlier attempt, or is in the recording, is taken from there.
 */
export class AgentWork {
  readonly budget: Budget;
  readonly #task: Task;
  readonly #live: LiveText;
  readonly #transcript: TranscriptEntry[] = [];
  /** The model was told a secret: its words are not shown before they are whole, since half a secret can't be hidden. */
  readonly #quiet: boolean;

  constructor(task: Task) {
    const { settings, config, context } = task;
    this.#task = task;
    this.budget = new Budget(settings.limits, settings.prices, settings.model);
    this.#live = new LiveText(context);
    const system = this.#systemPrompt();
    const data = config.context === undefined ? '' : `\n\n${JSON.stringify(config.context, null, 1)}`;
    if (system !== '') this.#transcript.push({ role: 'system', text: system });
    this.#transcript.push({ role: 'user', text: config.goal + data });
    const told = JSON.stringify(this.#transcript);
    this.#quiet = context.hideSecrets(told) !== told;
  }

  close(): void {
    this.#live.end();
  }

  /** Works to the end. `ask` is null where no model may be asked. */
  async run(toolbox: AgentToolbox, ask: { readonly model: LanguageModel; readonly address: string } | null): Promise<StepOutcome> {
    let repairs = 0;
    for (let turn = 0; ; turn += 1) {
      const reply = await this.#reply(turn, toolbox, ask);
      if ('kind' in reply) return reply;
      this.budget.add(reply);
      this.#transcript.push(reply);
      if (reply.tool_calls.length > 0) {
        const results: ToolResult[] = [];
        for (const call of reply.tool_calls) {
          const result = await this.#result(turn, call, toolbox);
          if ('kind' in result) return result;
          results.push(result);
        }
        this.#transcript.push({ role: 'tool', results });
        continue;
      }
      if (reply.finish_reason === 'length' || reply.finish_reason === 'content-filter') return this.#cutShort(reply);
      const fault = this.#judge(reply.text);
      if (typeof fault !== 'string') return this.#done(reply.text, fault.object);
      if (repairs >= MOST_REPAIRS) return this.#fail('AGENT_OUTPUT_INVALID', `The agent's answer does not fit its schema: ${fault}`, reply);
      repairs += 1;
      this.#transcript.push({
        role: 'user',
        text: `This answer does not fit: ${fault}. Answer again, with JSON that fits the schema and nothing else.`,
      });
    }
  }

  async #reply(
    turn: number,
    toolbox: AgentToolbox,
    ask: { readonly model: LanguageModel; readonly address: string } | null,
  ): Promise<Reply | (StepOutcome & { kind: 'failed' })> {
    const { context, recording, settings, config, signal } = this.#task;
    const kept = recording.replies[turn];
    if (kept !== undefined) return kept;
    if (ask === null) return this.#fail('AGENT_RECORDING_ENDED', `The recording has no reply ${turn + 1}; it is of another task`, null);
    const refusal = this.budget.refusal();
    if (refusal !== null) return { kind: 'failed', error: refusal, retryable: false };
    this.#live.begin(turn);
    try {
      const reply = await askModel({
        model: ask.model,
        transcript: this.#transcript,
        toolbox,
        signal,
        schema: settings.structured_outputs ? config.output_schema : undefined,
        temperature: settings.temperature,
        maxOutputTokens: this.budget.tokensLeft,
        silence: settings.silence_seconds === undefined ? undefined : settings.silence_seconds * 1000,
        onText: (text) => {
          if (!this.#quiet) this.#live.push(text);
        },
      });
      this.#live.end();
      await context.record(REPLY_EVENT, { execution: context.idempotencyKey, turn, ...reply } as unknown as Json);
      return reply;
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      const failure = modelFailure(thrown, ask.address, context);
      const data = { ...(failure.error.data as object | undefined), usage: this.budget.usage };
      return { ...failure, error: { ...failure.error, data } };
    }
  }

  async #result(turn: number, call: ToolCall, toolbox: AgentToolbox): Promise<ToolResult | StepOutcome> {
    const { context, recording, isReplay, signal } = this.#task;
    const kept = recording.results.get(resultKey(turn, call.id));
    if (kept !== undefined) return kept;
    const tool = toolbox.tools.find((one) => one.name === call.name);
    const { id, name } = call;
    const base = { id, name };
    if (tool === undefined)
      return { ...base, ok: false, output: isReplay ? 'The recording has no result of this call' : `There is no tool '${name}'` };
    const decision = tool.approvers === null ? null : recording.decisions.get(resultKey(turn, id));
    if (decision === undefined) return this.#askLeave(turn, call, tool.approvers ?? []);
    const refused = decision !== null && !decision.approved ? { ok: false, output: rejection(decision) } : null;
    const ended = refused ?? recording.ends.get(resultKey(turn, id)) ?? null;
    if (ended === null && tool.plan !== undefined) {
      const plan = await tool.plan(call.input);
      if ('child' in plan) {
        const asked = { execution: context.idempotencyKey, turn, id };
        return { kind: 'wait', on: 'child', until: null, data: { ...plan.child, goes_on: true, asked } };
      }
      return this.#keep(turn, { ...base, ok: false, output: plan.error.message });
    }
    const { ok, output } = ended ?? (await tool.run(call.input, `${context.idempotencyKey}:${turn}:${id}`, signal));
    return this.#keep(turn, { ...base, ok, output: shortened(context.hideSecrets(output)) });
  }

  async #keep(turn: number, result: ToolResult): Promise<ToolResult> {
    const { context } = this.#task;
    await context.record(RESULT_EVENT, { execution: context.idempotencyKey, turn, ...result });
    return result;
  }

  /** Waits, with nothing held, until somebody has decided about the call; then the step goes on here. */
  #askLeave(turn: number, { id, name, input }: ToolCall, approvers: readonly string[]): StepOutcome {
    const { context } = this.#task;
    const text = JSON.stringify(input, null, 2);
    const message = `The agent of step \`${context.stepKey}\` wants to use **${name}** with\n\n\`\`\`json\n${text.slice(0, 5_000)}\n\`\`\``;
    const asked = { execution: context.idempotencyKey, turn, id };
    return { kind: 'wait', on: 'approval', until: null, data: { message, approvers: [...approvers], form: null, goes_on: true, asked } };
  }

  /** What is wrong with the answer in words, or the object that it holds. */
  #judge(text: string): string | { readonly object: Json } {
    const schema = this.#task.config.output_schema;
    if (schema === undefined) return { object: null };
    const object = parseJson(text);
    if (object === undefined) return 'it is no JSON';
    const [problem] = this.#task.context.checkSchema(schema, object);
    return problem === undefined ? { object } : `${problem.path || 'the whole'}: ${problem.message}`;
  }

  #done(text: string, object: Json): StepOutcome {
    const whole = this.#transcript as unknown as Json[];
    const transcript = JSON.stringify(whole).length <= MAX_TRANSCRIPT ? whole : whole.map((entry) => shortened(entry, 2_000));
    return { kind: 'completed', output: { text, object, usage: this.budget.usage, transcript } };
  }

  #cutShort(reply: Reply): StepOutcome {
    if (reply.finish_reason === 'content-filter')
      return this.#fail('AGENT_ANSWER_BLOCKED', "The provider's filter has stopped the answer", reply);
    if (this.budget.tokensLeft === 0) return { kind: 'failed', error: this.budget.refusal() ?? this.#cutError(reply), retryable: false };
    return { kind: 'failed', error: this.#cutError(reply), retryable: false };
  }

  #cutError(reply: Reply) {
    return this.#fail('AGENT_ANSWER_CUT', 'The answer is longer than the model may write', reply).error;
  }

  #fail(code: string, message: string, reply: Reply | null): StepOutcome & { kind: 'failed' } {
    const said = reply === null ? {} : { answer: excerpt(reply.text) };
    return failed(code, message, false, { usage: this.budget.usage, ...said });
  }

  #systemPrompt(): string {
    const { settings, config } = this.#task;
    if (config.output_schema === undefined || settings.structured_outputs) return settings.system_prompt;
    const wish = `Answer with JSON that fits this JSON Schema, and with nothing else:\n${JSON.stringify(config.output_schema)}`;
    return [settings.system_prompt, wish].filter((part) => part !== '').join('\n\n');
  }
}

function rejection({ by, comment }: Decision): string {
  return comment === '' ? `Rejected by ${by}` : `Rejected by ${by}: ${comment}`;
}

/** JSON as models write it: alone, or in a fence. */
function parseJson(text: string): Json | undefined {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/.exec(text)?.[1];
  try {
    return JSON.parse(fenced ?? text) as Json;
  } catch {
    return undefined;
  }
}

function shortened(value: Json, limit = MAX_TOOL_TEXT): Json {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= limit ? value : `${text.slice(0, limit)}… (${text.length - limit} characters more)`;
}
