import { parseDuration } from '#lib/base/duration.ts';
import type { StepExecutor } from '../executor.ts';
import type { WaitConfig } from './definition.ts';

/** Parks the step until its time; a time that has passed completes it at once. */
export const executeWait: StepExecutor<WaitConfig> = (config, { startedAt }) => {
  const until = config.until === undefined ? startedAt + (parseDuration(config.duration) ?? 0) : Date.parse(config.until);
  const output = { waited_until: new Date(until).toISOString() };
  return until <= startedAt ? { kind: 'completed', output } : { kind: 'wait', until, output };
};
