import { MAX_DURATION_MS, parseMillis } from '#lib/base/duration.ts';

/** A number of milliseconds, or text such as `10 minutes`, `1 hour`, `2 days`; at most 365 days. */
export type Millis = number | string;

/** Options of `step.do`. */
export interface StepOptions {
  readonly retries?: {
    /** Attempts after the first one. */
    readonly limit?: number;
    readonly delay?: Millis;
    /** `constant`: the delay; `linear`: delay × attempt; `exponential`: delay × 2^(attempt − 1). */
    readonly backoff?: 'constant' | 'linear' | 'exponential';
  };
  /** How long one attempt may take. */
  readonly timeout?: Millis;
}

/** What a step has where its options say nothing; the whole stands in the step's config. */
export const STEP_DEFAULTS = {
  retries: { limit: 5, delay: '10 seconds', backoff: 'exponential' },
  timeout: '10 minutes',
} as const;

export interface StepSettings {
  readonly retries: { readonly limit: number; readonly delay: Millis; readonly backoff: 'constant' | 'linear' | 'exponential' };
  readonly timeout: Millis;
}

/** The options with the defaults for what they leave out. Throws on what no step may have. */
export function stepSettings({ retries = {}, timeout = STEP_DEFAULTS.timeout }: StepOptions = {}): StepSettings {
  const whole = { ...STEP_DEFAULTS.retries, ...retries };
  if (!Number.isInteger(whole.limit) || whole.limit < 0 || whole.limit > 999)
    throw new RangeError('retries.limit is a whole number from 0 to 999');
  if (!['constant', 'linear', 'exponential'].includes(whole.backoff))
    throw new RangeError("retries.backoff is 'constant', 'linear' or 'exponential'");
  millis(whole.delay, 'retries.delay');
  if (millis(timeout, 'timeout') === 0) throw new RangeError('timeout must be longer than nothing');
  return { retries: whole, timeout };
}

/** Milliseconds of a duration. Throws on what is none. */
export function millis(value: Millis, what: string): number {
  const found = parseMillis(value);
  if (found !== null) return found;
  throw new RangeError(`${what} is a number of milliseconds or text such as '10 minutes', at most 365 days; not ${JSON.stringify(value)}`);
}

/** The moment that `step.sleepUntil` was given. Throws for one that is past or further away than 365 days. */
export function moment(at: Date | number | string, now: number): Date {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) throw new RangeError(`${String(at)} is no moment in time`);
  if (time.getTime() < now) throw new RangeError(`${time.toISOString()} is past`);
  if (time.getTime() - now > MAX_DURATION_MS) throw new RangeError(`${time.toISOString()} is further away than 365 days`);
  return time;
}
