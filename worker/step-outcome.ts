import { escapePointer } from '#lib/base/json.ts';
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

/** The place of a number that JSON cannot carry, as a JSON Pointer; null where there is none. */
function oddNumber(value: unknown, path = ''): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : path;
  if (typeof value === 'bigint') return path;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    const found = oddNumber(member, `${path}/${escapePointer(key)}`);
    if (found !== null) return found;
  }
  return null;
}

/** More than this is no result to pass on between steps: it belongs into a file or a service. */
export function withinLimit(outcome: StepOutcome): StepOutcome {
  if (outcome.kind === 'failed' || outcome.kind === 'iterate') return outcome;
  const value = outcome.kind === 'wait' ? outcome.data : outcome.output;
  if (isSmallerThan(MAX_OUTPUT_BYTES, value)) {
    // It would be read back as another value than the steps after it had seen.
    const place = oddNumber(value);
    if (place === null) return outcome;
    return failure('OUTPUT_NOT_JSON', `The output has a number${place === '' ? '' : ` at ${place}`} that JSON cannot carry`, false);
  }
  return failure('OUTPUT_TOO_LARGE', 'The output is larger than the 1 MiB, or deeper than the 100 levels, that a step may pass on', false);
}
