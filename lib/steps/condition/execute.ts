import { isTruthy } from '#lib/workflow/expression.ts';
import type { StepExecutor } from '../executor.ts';
import { type ConditionConfig, DEFAULT_BRANCH } from './definition.ts';

/** Names the branch that is taken; the expressions have their values already. */
export const executeCondition: StepExecutor<ConditionConfig> = (config) => {
  const branch =
    config.cases === undefined
      ? String(isTruthy(config.expression))
      : (config.cases.find((item) => isTruthy(item.when))?.name ?? DEFAULT_BRANCH);
  return { kind: 'completed', output: { branch }, branch };
};
