import type { NewRunEvent, RunError } from '#lib/engine/events.ts';
import type { GraphStep, RetryPolicy } from '#lib/workflow/graph.ts';
import type { StepState } from './state.ts';

/**
 * Milliseconds to wait after the n-th failed attempt (n from 1), at most `maxDelay`: constant `delay`, linear
 * `delay × n`, exponential `delay × 2^(n−1)`. With jitter, a point in the upper half of that: `random` is 0 ≤ r < 1.
 */
export function retryDelay(policy: RetryPolicy, failures: number, random: number): number {
  const factor = policy.backoff === 'linear' ? failures : policy.backoff === 'exponential' ? 2 ** (failures - 1) : 1;
  const delay = Math.min(policy.delay * factor, policy.maxDelay);
  return Math.round(policy.jitter ? delay * (0.5 + random / 2) : delay);
}

/** One attempt that ended with an error. Times are milliseconds since the epoch. */
export interface FailedAttempt {
  /** The step's key. */
  readonly step: string;
  readonly attempt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly error: RunError;
  /** False: fails the step at once, whatever retries are left. */
  readonly retryable: boolean;
  /** Milliseconds that the other side asked for. */
  readonly retryAfter?: number | undefined;
}

/**
 * What a failed attempt leads to: `step_retrying`, or `step_failed` when the error is final, the attempts are used up,
 * or the next one would come after `good_until`. Attempts that a crash cut off don't count against the policy.
 */
export function afterFailure(step: GraphStep, at: StepState, failed: FailedAttempt, random: number): NewRunEvent {
  const base = { step: failed.step, attempt: failed.attempt, at: failed.endedAt, error: failed.error, started_at: failed.startedAt };
  const failures = at.retries + 1;
  const asked = Math.min(Math.max(0, failed.retryAfter ?? 0), step.retry.maxDelay);
  const retryAt = failed.endedAt + Math.max(retryDelay(step.retry, failures, random), Math.round(asked));
  const inTime = step.goodUntil === null || retryAt <= step.goodUntil;
  if (!failed.retryable || failures >= step.retry.maxAttempts || !inTime) return { ...base, type: 'step_failed' };
  return { ...base, type: 'step_retrying', retry_at: retryAt };
}
