import type { Json } from '#lib/base/json.ts';
import type { RunError } from '#lib/engine/events.ts';
import type { AgentLimits, AgentPrices } from './settings.ts';
import type { Reply } from './transcript.ts';

const DEFAULT_CALLS = 20;

/** What an agent has used so far, and what it may still use. */
export class Budget {
  readonly #limits: AgentLimits;
  readonly #prices: AgentPrices | undefined;
  #model: string;
  #calls = 0;
  #input = 0;
  #cached = 0;
  #output = 0;

  constructor(limits: AgentLimits, prices: AgentPrices | undefined, model: string) {
    this.#limits = limits;
    this.#prices = prices;
    this.#model = model;
  }

  add({ usage, model }: Reply): void {
    this.#calls += 1;
    this.#input += usage.input_tokens;
    this.#cached += usage.cached_tokens;
    this.#output += usage.output_tokens;
    if (model !== '') this.#model = model;
  }

  get tokens(): number {
    return this.#input + this.#output;
  }

  /** Null without prices. */
  get cost(): number | null {
    if (this.#prices === undefined) return null;
    const { input_per_million, output_per_million, cached_per_million = input_per_million } = this.#prices;
    const cost = (this.#input - this.#cached) * input_per_million + this.#cached * cached_per_million + this.#output * output_per_million;
    return Math.round(cost * 1000) / 1e9;
  }

  /** Tokens that the next reply may have, null for no limit. */
  get tokensLeft(): number | null {
    const { max_tokens } = this.#limits;
    return max_tokens === undefined ? null : Math.max(0, max_tokens - this.tokens);
  }

  get usage(): { [key: string]: Json } {
    return {
      model: this.#model,
      calls: this.#calls,
      input_tokens: this.#input,
      cached_tokens: this.#cached,
      output_tokens: this.#output,
      total_tokens: this.tokens,
      cost: this.cost,
    };
  }

  /** Why the model may not be asked once more, or null. */
  refusal(): RunError | null {
    const { max_calls = DEFAULT_CALLS, max_tokens, max_cost } = this.#limits;
    if (this.#calls >= max_calls)
      return this.exceeded('AGENT_CALLS_EXCEEDED', `The agent has not finished within ${max_calls} calls of the model`);
    if (max_tokens !== undefined && this.tokens >= max_tokens) {
      return this.exceeded('AGENT_TOKENS_EXCEEDED', `The agent has used ${this.tokens} of ${max_tokens} tokens and has not finished`);
    }
    const { cost } = this;
    if (max_cost !== undefined && cost !== null && cost >= max_cost) {
      return this.exceeded('AGENT_COST_EXCEEDED', `The agent has cost ${cost} of ${max_cost} and has not finished`);
    }
    return null;
  }

  /** An error that tells what was used. */
  exceeded(code: string, message: string): RunError {
    return { code, message, data: { usage: this.usage } };
  }
}

/** The tighter of two sets of limits. */
export function tighter(a: AgentLimits, b: AgentLimits | undefined): AgentLimits {
  const names = ['max_calls', 'max_tokens', 'max_cost', 'max_seconds'] as const;
  const both = names.map((name) => [name, Math.min(a[name] ?? Number.POSITIVE_INFINITY, b?.[name] ?? Number.POSITIVE_INFINITY)] as const);
  return Object.fromEntries(both.filter(([, value]) => Number.isFinite(value)));
}
