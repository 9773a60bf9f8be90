import type { Json } from '#lib/base/json.ts';
import type { StepExecutor } from '../executor.ts';
import { DEFAULT_ITERATIONS, type LoopConfig, MAX_CONCURRENCY } from './definition.ts';

/** Says what is to be repeated; the engine runs the iterations. */
export const executeLoop: StepExecutor<LoopConfig> = ({ items, while: asked, max_iterations, concurrency, mode }) => {
  if (asked !== undefined) return { kind: 'iterate', items: null, limit: max_iterations ?? DEFAULT_ITERATIONS, concurrency: 1 };
  if (items === undefined) {
    const message = 'The items have no value; they must be a list (/config/items)';
    return { kind: 'failed', error: { code: 'CONFIG_INVALID', message, path: '/config/items' }, retryable: false };
  }
  const several = mode === 'any' || mode === 'race' ? MAX_CONCURRENCY : 1;
  return { kind: 'iterate', items: items as readonly Json[], limit: items.length, concurrency: concurrency ?? several };
};
