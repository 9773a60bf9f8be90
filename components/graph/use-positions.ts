import { useMemo } from 'react';
import type { Step } from '#lib/workflow/definition.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { type Positions, resolvePositions } from './layout.ts';

/** Positions change with the structure alone: typing in a config field must not lay the graph out again. */
export function usePositions(steps: readonly Step[], catalog: StepCatalog): Positions {
  const key = steps
    .map((step) => [step.id, step.type, step.position?.x, step.position?.y, JSON.stringify(step.depends_on ?? [])].join())
    .join('|');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the steps, without their config, on purpose
  return useMemo(() => resolvePositions(steps, catalog), [key, catalog]);
}
