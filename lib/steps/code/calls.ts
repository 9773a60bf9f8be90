import { parseMillis } from '#lib/base/duration.ts';
import type { JsonObject } from '#lib/base/json.ts';
import type { NewCall } from '#lib/engine/code-reports.ts';
import type { CallKind } from '#lib/workflow/graph.ts';

/** What a function says of a step that it asks for, whatever its kind. */
interface Asked {
  readonly step: string;
  readonly name: string;
  readonly count: number;
  readonly seen: readonly string[];
}

export type AskedCall = Asked &
  (
    | {
        readonly kind: 'do';
        readonly retries: {
          readonly limit: number;
          readonly delay: number | string;
          readonly backoff: 'constant' | 'linear' | 'exponential';
        };
        readonly timeout: number | string;
      }
    | { readonly kind: 'sleep'; readonly for?: number | string | undefined; readonly until?: string | undefined }
    | { readonly kind: 'wait'; readonly event_type: string; readonly timeout: number | string }
  );

/** A call as the engine takes it, made at `now`. What it says stands in the step's config as it was said. */
export function callOf(asked: AskedCall, now: number): NewCall {
  const { step, name, count, seen, kind } = asked;
  const base = { step, name, count, seen, kind } satisfies Asked & { kind: CallKind };
  switch (asked.kind) {
    case 'do': {
      const { retries, timeout } = asked;
      const delay = `${millis(retries.delay)}ms`;
      const retry = { max_attempts: retries.limit + 1, delay, backoff: retries.backoff, max_delay: '365 days' };
      return { ...base, stepType: 'code', config: { retries, timeout }, retry, timeout: millis(timeout) };
    }
    case 'sleep': {
      const until = asked.until === undefined ? now + millis(asked.for ?? 0) : Date.parse(asked.until);
      const config: JsonObject = asked.until === undefined ? { duration: asked.for ?? 0 } : { until: asked.until };
      return { ...base, stepType: 'wait', config, wait: { on: 'timer', until, data: null } };
    }
    case 'wait': {
      const config = { event_type: asked.event_type, timeout: asked.timeout };
      const wait = { on: 'event', until: now + millis(asked.timeout), data: { event_type: asked.event_type } } as const;
      return { ...base, stepType: 'wait', config, wait };
    }
  }
}

function millis(value: number | string): number {
  return parseMillis(value) ?? 0;
}
