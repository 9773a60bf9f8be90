import type { Json } from '#lib/base/json.ts';
import type { Problem } from '#lib/base/problem.ts';

/** Every way in which one of our own surfaces can refuse a call. HTTP statuses live in `lib/http` alone. */
export const ERROR_CODES = [
  'bad_request',
  'unauthorized',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'conflict',
  'payload_too_large',
  'unsupported_media_type',
  'validation_error',
  'rate_limited',
  'internal_error',
  'unavailable',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** A refusal with a code, a sentence for people, and the places that caused it. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: readonly Problem[];
  /** What the caller needs to go on, such as the current draft in a conflict. */
  readonly data: Json | undefined;

  constructor(code: ErrorCode, message: string, options: { details?: readonly Problem[]; data?: Json; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
    this.data = options.data;
  }
}

/** The text of anything that was thrown. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
