import type { Json } from '#lib/base/json.ts';

/** A request that the server refused. */
export class WeftlineError extends Error {
  override readonly name: string = 'WeftlineError';
  /** HTTP status. */
  readonly status: number;
  /** Stable code such as `not_found`. */
  readonly code: string;
  /** What is wrong with each part of what was sent. */
  readonly details: readonly { readonly path: string; readonly message: string }[];
  readonly requestId: string | null;

  constructor(message: string, { status, code, details = [], requestId = null }: WeftlineErrorFacts) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
    this.requestId = requestId;
  }
}

export interface WeftlineErrorFacts {
  readonly status: number;
  readonly code: string;
  readonly details?: readonly { readonly path: string; readonly message: string }[];
  readonly requestId?: string | null;
}

/** 400 and 422. */
export class ValidationError extends WeftlineError {
  override readonly name = 'ValidationError';
}

/** 401 and 403. */
export class AuthorizationError extends WeftlineError {
  override readonly name = 'AuthorizationError';
}

/** 404. */
export class NotFoundError extends WeftlineError {
  override readonly name = 'NotFoundError';
}

/** 409. */
export class ConflictError extends WeftlineError {
  override readonly name = 'ConflictError';
}

/** The error of a refusal's status. */
export function refusal(message: string, facts: WeftlineErrorFacts): WeftlineError {
  switch (facts.status) {
    case 400:
    case 422:
      return new ValidationError(message, facts);
    case 401:
    case 403:
      return new AuthorizationError(message, facts);
    case 404:
      return new NotFoundError(message, facts);
    case 409:
      return new ConflictError(message, facts);
    default:
      return new WeftlineError(message, facts);
  }
}

/** Thrown by a step's function: the step fails at once, whatever retries are left. */
export class NonRetryableError extends Error {
  override readonly name = 'NonRetryableError';
}

/** What a step throws into the code that awaits it, when its last attempt has failed. It stays recorded as failed, caught or not. */
export class StepError extends Error {
  override readonly name: string = 'StepError';
  /** Stable code: `STEP_ERROR` for what the function threw, `STEP_TIMEOUT`, `WAIT_TIMEOUT`, … */
  readonly code: string;
  /** Id of the step, such as `charge-1`. */
  readonly step: string;
  readonly data: Json | undefined;

  constructor(message: string, facts: { readonly code: string; readonly step: string; readonly data?: Json | undefined }) {
    super(message);
    this.code = facts.code;
    this.step = facts.step;
    this.data = facts.data;
  }
}

/** What `step.waitForEvent` throws when no event came in time. */
export class WaitTimeoutError extends StepError {
  override readonly name = 'WaitTimeoutError';
}

/** The error of a failed step, from what the journal says. */
export function stepError(
  step: string,
  error: { readonly code: string; readonly message: string; readonly data?: Json | undefined } | null,
): StepError {
  const { code, message, data } = error ?? { code: 'STEP_CANCELLED', message: 'The step was cancelled', data: undefined };
  const facts = { code, step, data };
  return code === 'WAIT_TIMEOUT' ? new WaitTimeoutError(message, facts) : new StepError(message, facts);
}
