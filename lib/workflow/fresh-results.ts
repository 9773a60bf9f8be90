import type { Definition } from './definition.ts';
import { stepFingerprint } from './step-fingerprint.ts';
import { stepsBefore } from './upstream.ts';

/** What is known of a step's last result in a test. Times in milliseconds. */
export interface KnownResult {
  /** Of the step as it was. */
  readonly fingerprint: string;
  readonly endedAt: number;
  /** It was given by a pin. */
  readonly pinned: boolean;
}

/**
 * Ids of the steps whose last result is what they would give again: neither they nor anything before them was changed, pinned,
 * unpinned or run again since. A pinned step is as fresh as its pin.
 */
export function freshSteps(
  definition: Definition,
  results: ReadonlyMap<string, KnownResult>,
  pins: ReadonlyMap<string, number>,
): ReadonlySet<string> {
  const before = stepsBefore(definition);
  /** When the step got what it has; null: it has nothing that counts. Undefined while it is asked, which ends a cycle. */
  const times = new Map<number, number | null>();
  const timeOf = (index: number): number | null => {
    const known = times.get(index);
    if (known !== undefined) return known;
    times.set(index, null);
    const made = ask(index);
    times.set(index, made);
    return made;
  };
  const ask = (index: number): number | null => {
    const step = definition.steps[index];
    if (step === undefined) return null;
    const pinnedAt = pins.get(step.id);
    if (pinnedAt !== undefined) return pinnedAt;
    const result = results.get(step.id);
    if (result === undefined || result.pinned || result.fingerprint !== stepFingerprint(step)) return null;
    const sound = (before[index] ?? []).every((source) => {
      const at = timeOf(source);
      return at !== null && at <= result.endedAt;
    });
    return sound ? result.endedAt : null;
  };
  return new Set(definition.steps.flatMap((step, index) => (timeOf(index) === null ? [] : [step.id])));
}
