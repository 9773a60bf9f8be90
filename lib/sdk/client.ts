import type { z } from 'zod';
import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { AnswerOf, Contract } from '#lib/contracts/contract.ts';
import { sendEvent } from '#lib/contracts/events.ts';
import { getRun, type Run, startRun } from '#lib/contracts/runs.ts';
import { refusal } from './errors.ts';

export interface WeftlineClientOptions {
  /** Where Weftline answers: `http://127.0.0.1:3000`. */
  readonly baseUrl: string;
  /** A key of the workspace: `wl_…`. */
  readonly apiKey: string;
  readonly fetch?: typeof fetch;
}

/** What a contract has defaults for may be left out. */
type Part<Name extends string, Schema extends z.ZodType> =
  Record<string, never> extends z.input<Schema>
    ? { readonly [key in Name]?: z.input<Schema> }
    : { readonly [key in Name]: z.input<Schema> };

export type ClientCall<C extends Contract> = Part<'params', C['params']> &
  Part<'query', C['query']> &
  Part<'body', C['body']> & { readonly signal?: AbortSignal };

interface LooseCall {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Calls the API of one Weftline as one workspace. Refusals are thrown as the error classes of `errors.ts`. */
export class WeftlineClient {
  readonly #baseUrl: string;
  readonly #apiKey: string;
  readonly #fetch: typeof fetch;

  constructor({ baseUrl, apiKey, fetch: own }: WeftlineClientOptions) {
    this.#baseUrl = new URL(baseUrl).href.replace(/\/+$/, '');
    this.#apiKey = apiKey;
    this.#fetch = own ?? ((...given) => fetch(...given));
  }

  /** Calls an endpoint by its contract. */
  async call<C extends Contract>(contract: C, given: ClientCall<C>): Promise<AnswerOf<C>> {
    const call = given as LooseCall;
    const withBody = contract.method !== 'GET' && contract.method !== 'DELETE';
    const answer = await this.#fetch(this.#baseUrl + addressOf(contract.path, call), {
      method: contract.method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${this.#apiKey}`,
        ...(withBody ? { 'content-type': 'application/json' } : {}),
      },
      ...(withBody ? { body: JSON.stringify(call.body ?? {}) } : {}),
      ...(call.signal ? { signal: call.signal } : {}),
    });
    if (!answer.ok) throw await refusalOf(answer);
    return (answer.status === 204 ? null : await answer.json()) as AnswerOf<C>;
  }

  /** Starts a run of a workflow; answers its id. */
  async startRun(workflowId: string, input: Json = {}): Promise<string> {
    const { run_id: runId } = await this.call(startRun, { params: { id: workflowId }, body: { input_data: input } });
    return runId;
  }

  /** A run with the results of its steps. */
  async getRun(runId: string): Promise<Run> {
    const { run } = await this.call(getRun, { params: { run_id: runId } });
    return run;
  }

  /** Sends an event to a run: it goes to the first `step.waitForEvent` of its type, now or later. */
  async sendEvent(runId: string, type: string, payload: Json = null): Promise<void> {
    await this.call(sendEvent, { params: { run_id: runId, event_type: type }, body: payload });
  }
}

function addressOf(path: string, call: LooseCall): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(String(call.params?.[name] ?? '')));
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(call.query ?? {})) if (value != null) query.set(key, String(value));
  const text = query.toString();
  return text === '' ? filled : `${filled}?${text}`;
}

async function refusalOf(answer: Response): Promise<Error> {
  const body: unknown = await answer.json().catch(() => null);
  const status = answer.status;
  if (!isJsonObject(body) || typeof body.message !== 'string') {
    return refusal(`The server answered with status ${status}.`, { status, code: 'unknown' });
  }
  const details = Array.isArray(body.details) ? (body.details as unknown as { path: string; message: string }[]) : [];
  const requestId = typeof body.request_id === 'string' ? body.request_id : null;
  return refusal(body.message, { status, code: String(body.error), details, requestId });
}
