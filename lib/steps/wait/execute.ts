import { MAX_DURATION_MS, parseDuration } from '#lib/base/duration.ts';
import type { StepExecutor, StepOutcome } from '../executor.ts';
import { DEFAULT_EVENT_TIMEOUT, DEFAULT_INTERVAL, MIN_INTERVAL_MS, type WaitConfig } from './definition.ts';

/** Says what the step waits for; waiting itself is the engine's. */
export const executeWait: StepExecutor<WaitConfig> = (config, { startedAt }) => {
  if (config.event_type !== undefined) {
    const until = startedAt + millis(config.timeout ?? DEFAULT_EVENT_TIMEOUT);
    return { kind: 'wait', on: 'event', until, data: { event_type: config.event_type, match: config.match ?? null } };
  }
  if (config.condition !== undefined) {
    const every = Math.max(MIN_INTERVAL_MS, millis(config.interval ?? DEFAULT_INTERVAL));
    const until = config.timeout === undefined ? null : startedAt + millis(config.timeout);
    return { kind: 'wait', on: 'condition', until: startedAt, data: { condition: config.condition, every, until } };
  }
  if (config.until !== undefined) return untilMoment(Date.parse(config.until), startedAt);
  const until = startedAt + millis(config.duration);
  const output = { waited_until: new Date(until).toISOString() };
  return until <= startedAt ? { kind: 'completed', output } : { kind: 'wait', on: 'timer', until, data: output };
};

function millis(duration: unknown): number {
  return parseDuration(duration) ?? 0;
}

function untilMoment(until: number, now: number): StepOutcome {
  if (until <= now) return refused('WAIT_IN_THE_PAST', `The moment to wait for, ${iso(until)}, has passed`);
  if (until - now > MAX_DURATION_MS) return refused('WAIT_TOO_LONG', `The moment to wait for, ${iso(until)}, is more than 365 days away`);
  return { kind: 'wait', on: 'timer', until, data: { waited_until: iso(until) } };
}

function refused(code: string, message: string): StepOutcome {
  return { kind: 'failed', error: { code, message, path: '/config/until' }, retryable: false };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
