import type { z } from 'zod';
import type { ErrorCode } from '#lib/base/errors.ts';
import { isJsonObject } from '#lib/base/json.ts';
import type { Problem } from '#lib/base/problem.ts';
import type { AnswerOf, Contract } from '#lib/contracts/contract.ts';

/** A refusal of the API, or (`unavailable`, status 0) a server that cannot be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly details: readonly Problem[];
  /** Names the call in the server's log; empty where there was no answer. */
  readonly requestId: string;

  constructor(code: ErrorCode, message: string, status: number, details: readonly Problem[] = [], requestId = '') {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
    this.requestId = requestId;
  }
}

/** What a caller may leave to a contract's defaults, it may leave out. */
type Part<Name extends string, Schema extends z.ZodType> =
  Record<string, never> extends z.input<Schema>
    ? { readonly [key in Name]?: z.input<Schema> }
    : { readonly [key in Name]: z.input<Schema> };

export type CallOf<C extends Contract> = Part<'params', C['params']> &
  Part<'query', C['query']> &
  Part<'body', C['body']> & { readonly signal?: AbortSignal };

type Arguments<C extends Contract> = object extends CallOf<C> ? [call?: CallOf<C>] : [call: CallOf<C>];

interface LooseCall {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Calls an endpoint and answers its parsed body. Throws `ApiError` for every refusal; where the session is gone, the
 * browser also goes to the sign-in page and comes back after it.
 */
export async function request<C extends Contract>(contract: C, ...[given]: Arguments<C>): Promise<AnswerOf<C>> {
  const call = (given ?? {}) as LooseCall;
  const answer = await send(contract, call);
  if (answer.status === 401 && contract.permission !== null) goToSignIn();
  if (!answer.ok) throw await errorOf(answer);
  if (answer.status === 204) return null as AnswerOf<C>;
  return (await answer.json()) as AnswerOf<C>;
}

/** The address of an endpoint, with its path parameters and query filled in. */
export function addressOf(contract: Contract, call: Pick<LooseCall, 'params' | 'query'>): string {
  const path = contract.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(String(call.params?.[name] ?? '')));
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined && value !== null && value !== '') query.set(key, String(value));
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

async function send(contract: Contract, call: LooseCall): Promise<Response> {
  const hasBody = call.body !== undefined || (contract.method !== 'GET' && contract.method !== 'DELETE' && !contract.bodyOptional);
  try {
    return await fetch(addressOf(contract, call), {
      method: contract.method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...(hasBody ? { 'content-type': 'application/json' } : {}) },
      ...(hasBody ? { body: JSON.stringify(call.body ?? {}) } : {}),
      ...(call.signal ? { signal: call.signal } : {}),
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError('unavailable', "The server can't be reached. Check that it is running and try again.", 0);
  }
}

async function errorOf(answer: Response): Promise<ApiError> {
  const body: unknown = await answer.json().catch(() => null);
  if (isJsonObject(body) && typeof body.error === 'string' && typeof body.message === 'string') {
    const details = Array.isArray(body.details) ? (body.details as unknown as Problem[]) : [];
    return new ApiError(body.error as ErrorCode, body.message, answer.status, details, String(body.request_id ?? ''));
  }
  return new ApiError('internal_error', `The server answered with status ${answer.status}. Try again.`, answer.status);
}

function goToSignIn(): void {
  if (typeof window === 'undefined' || window.location.pathname === '/login') return;
  const back = window.location.pathname + window.location.search;
  window.location.assign(back === '/' ? '/login' : `/login?next=${encodeURIComponent(back)}`);
}
