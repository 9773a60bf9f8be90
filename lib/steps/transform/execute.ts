import type { StepExecutor } from '../executor.ts';
import type { TransformConfig } from './definition.ts';

/** Gives the value that resolving the config computed; an expression without a result gives null. */
export const executeTransform: StepExecutor<TransformConfig> = (config) => ({
  kind: 'completed',
  output: config.fields ?? config.expression ?? null,
});
