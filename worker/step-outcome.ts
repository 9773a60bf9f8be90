import { isSmallerThan } from '#lib/base/value-size.ts';
import type { ShortStart } from '#lib/engine/journal-row.ts';
import type { StepOutcome } from '#lib/steps/executor.ts';
import type { Attempt } from './attempt.ts';

/** How attempts end. */
type Failed = Extract<StepOutcome, { kind: 'failed' }>;

const MAX_OUTPUT_BYTES = 1024 * 1024;

export const CANCELLED = failure('STEP_CANCELLED', 'The step was cancelled', false);

export function shortStart({ execution, input }: Attempt): ShortStart {
  return input === undefined ? { execution } : { execution, input };
}

export function failure(code: string, message: string, retryable: boolean): Failed {
  return { kind: 'failed', error: { code, message }, retryable };
}

/** More than this is no result to pass on between steps: it belongs into a file or a service. */
export function withinLimit(outcome: StepOutcome): StepOutcome {
  if (outcome.kind === 'failed' || outcome.kind === 'iterate') return outcome;
  if (isSmallerThan(MAX_OUTPUT_BYTES, outcome.kind === 'wait' ? outcome.data : outcome.output)) return outcome;
  return failure('OUTPUT_TOO_LARGE', 'The output is larger than the 1 MiB that a step may pass on', false);
}
