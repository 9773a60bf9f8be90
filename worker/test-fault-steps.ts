import type { StepDefinition } from '#lib/workflow/step-type.ts';
import { testCatalog } from './test-runs.ts';

/** A step type that only a newer version knows. */
export const newStep: StepDefinition = { ...(testCatalog.work as StepDefinition), type: 'new', title: 'New' };
