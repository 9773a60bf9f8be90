import type { Json } from '#lib/base/json.ts';
import type { RunError } from '#lib/engine/events.ts';
import type { StepContext, StepOutcome } from './executor.ts';

/** What steps that call the network share: time limits, size limits, and errors in words. Node.js and browsers. */

/** Bytes that a step's output may have. */
export const MAX_OUTPUT_BYTES = 1024 * 1024;
/** Characters of an answer that are kept with an error. */
const EXCERPT_LENGTH = 2_000;

/** Statuses that may be another one next time. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/**
 * How many milliseconds an answer asks to be left alone: `Retry-After` as seconds or as a date. Undefined where it does not
 * say, or says a time that is past.
 */
export function retryAfterOf(header: string | null | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  const wait = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(wait) && wait > 0 ? Math.ceil(wait) : undefined;
}

/** The address in an error text: without query, user and password, which may carry secrets. */
export function safeAddress(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return url.slice(0, 200);
  }
}

export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/** The body of an answer, decompressed. Throws AnswerTooLarge as soon as it is over the limit. */
export async function readBytes(response: Response, limit: number = MAX_OUTPUT_BYTES): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (next === undefined || next.done) break;
    size += next.value.byteLength;
    if (size > limit) {
      await reader?.cancel().catch(() => undefined);
      throw new AnswerTooLarge(`The answer is larger than ${limit} bytes`);
    }
    chunks.push(next.value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** The start of a text for an error's data. */
export function excerpt(text: string): string {
  return text.length > EXCERPT_LENGTH ? `${text.slice(0, EXCERPT_LENGTH)}…` : text;
}

export function failed(
  code: string,
  message: string,
  retryable: boolean,
  data?: Json,
  retryAfter?: number,
): StepOutcome & { readonly kind: 'failed' } {
  const error: RunError = data === undefined ? { code, message } : { code, message, data };
  return { kind: 'failed', error, retryable, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

/** Milliseconds and signal of one call within a step: ends with the step, or after `limit`. */
export function callLimit(context: StepContext, limit: number | null): { readonly signal: AbortSignal; timedOut(): boolean } {
  if (limit === null) return { signal: context.signal, timedOut: () => false };
  const timer = AbortSignal.timeout(limit);
  return { signal: AbortSignal.any([context.signal, timer]), timedOut: () => timer.aborted && !context.signal.aborted };
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the name service does not answer',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped arriving',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'the answer is too large',
};
/** Another attempt would end the same way. */
const LASTING = new Set([
  'EGRESS_REFUSED',
  'REDIRECT_REFUSED',
  'UND_ERR_RES_EXCEEDED_MAX_SIZE',
  'ERR_INVALID_URL',
  'ERR_INVALID_ARG_VALUE',
]);

/** What was thrown while calling `url`, as a failure that says which host and why. */
export function networkFailure(
  thrown: unknown,
  url: string,
  context: StepContext,
  timedOut: boolean,
): StepOutcome & { readonly kind: 'failed' } {
  const address = safeAddress(url);
  if (context.signal.aborted) return failed('STEP_ABORTED', 'The step was stopped', false);
  if (timedOut) return failed('HTTP_TIMEOUT', `${address} did not answer in time`, true, { url: address });
  if (thrown instanceof AnswerTooLarge) return failed('RESPONSE_TOO_LARGE', `${address}: ${thrown.message}`, false, { url: address });
  const chain = causesOf(thrown);
  const refusal = chain.find((cause) => isRefusal(cause));
  if (refusal) return failed(refusal.code, refusal.message, false, { url: address });
  const known = chain.find((cause) => cause.code in CAUSES) ?? chain.findLast((cause) => cause.message !== '');
  const reason = CAUSES[known?.code ?? ''] ?? known?.message ?? String(thrown);
  const code = known?.code ?? '';
  const detail = code === '' ? reason : `${reason} (${code})`;
  return failed('HTTP_NETWORK', `Could not call ${address}: ${detail}`, !LASTING.has(code), { url: address, cause: code });
}

/** Why a connection failed, in words; null where what was thrown is of another kind. */
export function networkReason(thrown: unknown): string | null {
  const chain = causesOf(thrown);
  const refusal = chain.find(isRefusal);
  if (refusal !== undefined) return refusal.message;
  const known = chain.find((cause) => cause.code in CAUSES);
  return known === undefined ? null : `${CAUSES[known.code]} (${known.code})`;
}

function isRefusal({ code }: { readonly code: string }): boolean {
  return code === 'EGRESS_REFUSED' || code === 'REDIRECT_REFUSED';
}

function causesOf(thrown: unknown): { code: string; message: string }[] {
  const chain: { code: string; message: string }[] = [];
  let current: unknown = thrown;
  while (current instanceof Error && chain.length < 8) {
    const { code } = current as { code?: unknown };
    chain.push({ code: typeof code === 'string' ? code : '', message: current.message });
    current = current instanceof AggregateError && current.errors.length > 0 ? current.errors[0] : current.cause;
  }
  return chain;
}
