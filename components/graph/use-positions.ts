import { useMemo } from 'react';
import type { Step } from '#lib/workflow/definition.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { layoutKey, type Positions, resolvePositions } from './layout.ts';

/** Positions change with the structure alone: typing in a config field must not lay the graph out again. */
export function usePositions(steps: readonly Step[], catalog: StepCatalog): Positions {
  const key = layoutKey(steps, catalog);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is all of the steps that positions depend on
  return useMemo(() => resolvePositions(steps, catalog), [key, catalog]);
}
