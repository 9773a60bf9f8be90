import type { RunEvent } from '#lib/engine/events.ts';

export interface LogLine {
  readonly step: string;
  readonly at: number;
  readonly text: string;
}

/** Every line that was logged, in order: of all steps, or of one and, where it is a loop, of those in its iterations. */
export function logLines(events: readonly RunEvent[], step: string | null): readonly LogLine[] {
  return events.flatMap((event) =>
    event.type === 'step_log' && (step === null || event.step === step || event.step.startsWith(`${step}[`))
      ? event.lines.map((text) => ({ step: event.step, at: event.at, text }))
      : [],
  );
}
