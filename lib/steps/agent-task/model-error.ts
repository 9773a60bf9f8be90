import type { Json } from '#lib/base/json.ts';
import type { StepContext, StepOutcome } from '../executor.ts';
import { excerpt, failed, networkFailure, networkReason, retryAfterOf, safeAddress } from '../outgoing.ts';

type Failed = StepOutcome & { readonly kind: 'failed' };

/** The endpoint sent no reply that can be read: it fell silent, was cut off, or sent something else. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
  readonly code: 'MODEL_TIMEOUT' | 'MODEL_STREAM_CUT' | 'MODEL_GARBAGE' | 'MODEL_ANSWER_TOO_LARGE';
  constructor(code: ReplyError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

interface CallError {
  readonly statusCode?: number;
  readonly responseHeaders?: Record<string, string>;
  readonly responseBody?: string;
}

/** What went wrong at the model's endpoint, in words and with what helps to mend it. */
export function modelFailure(thrown: unknown, address: string, context: StepContext): Failed {
  const place = safeAddress(address);
  if (context.signal.aborted) return failed('STEP_ABORTED', 'The step was stopped', false);
  if (thrown instanceof ReplyError) {
    return failed(thrown.code, `The model at ${place} ${thrown.message}`, thrown.code !== 'MODEL_ANSWER_TOO_LARGE', { url: place });
  }
  const { statusCode, responseHeaders, responseBody } = (thrown ?? {}) as CallError;
  if (statusCode !== undefined && statusCode >= 300) {
    const said = messageIn(responseBody);
    const data: Record<string, Json> = { status_code: statusCode, url: place, body: excerpt(responseBody ?? '') };
    const message = `The model at ${place} ${meaningOf(statusCode)} (${statusCode})${said === '' ? '' : `: ${said}`}`;
    const retryAfter = retryAfterOf(responseHeaders?.['retry-after'], Date.now());
    return failed(codeOf(statusCode), message, isWorthARetry(statusCode), data, retryAfter);
  }
  if (networkReason(thrown) !== null) return networkFailure(thrown, address, context, false);
  // The library's words for a stream that just ends.
  if (thrown instanceof Error && /without a finish/.test(thrown.message)) {
    return modelFailure(new ReplyError('MODEL_STREAM_CUT', 'stopped before its reply was whole'), address, context);
  }
  const reason = thrown instanceof Error ? thrown.message : String(typeof thrown === 'string' ? thrown : JSON.stringify(thrown));
  return failed('MODEL_GARBAGE', `The model at ${place} sent what can't be read: ${excerpt(reason).split('\n', 1)[0]}`, true, {
    url: place,
  });
}

function codeOf(status: number): string {
  if (status === 401 || status === 403) return 'MODEL_UNAUTHORIZED';
  if (status === 429) return 'MODEL_RATE_LIMITED';
  return status >= 500 || status === 408 ? 'MODEL_FAILED' : 'MODEL_REFUSED';
}

function meaningOf(status: number): string {
  if (status === 401 || status === 403) return 'does not accept the key';
  if (status === 404) return 'is not there, or is called otherwise';
  if (status === 429) return 'is asked too often, or its quota is used up';
  return status >= 500 || status === 408 ? 'failed' : 'refused the request';
}

function isWorthARetry(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** The sentence in an error's body, where there is one. */
function messageIn(body: string | undefined): string {
  try {
    const { error, message } = JSON.parse(body ?? '') as { error?: { message?: unknown } | string; message?: unknown };
    const text = typeof error === 'string' ? error : (error?.message ?? message);
    return typeof text === 'string' ? text.slice(0, 500) : '';
  } catch {
    return '';
  }
}
