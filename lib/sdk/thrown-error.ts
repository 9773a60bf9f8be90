import type { Json } from '#lib/base/json.ts';
import { NonRetryableError, StepError } from './errors.ts';

/** An error as the server keeps it. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly data?: Json | undefined;
}

const MAX_MESSAGE = 10_000;

/** What was thrown, for the journal. A step's error that code did not catch keeps its code. */
export function thrownError(thrown: unknown, code: string): WireError {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const clean = text.replaceAll('\u0000', '').toWellFormed();
  const message = clean.length > MAX_MESSAGE ? `${clean.slice(0, MAX_MESSAGE - 1)}…` : clean;
  if (thrown instanceof StepError) return { code: thrown.code, message, data: { step: thrown.step } };
  return { code, message, ...(thrown instanceof Error && thrown.name !== 'Error' ? { data: { name: thrown.name } } : {}) };
}

/** False for what no further attempt can help. */
export function isRetryable(thrown: unknown): boolean {
  return !(thrown instanceof NonRetryableError);
}
