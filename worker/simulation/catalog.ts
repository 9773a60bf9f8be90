import { plainStep } from '#lib/engine/test-run.ts';
import { approval } from '#lib/steps/approval/definition.ts';
import { condition } from '#lib/steps/condition/definition.ts';
import { loop } from '#lib/steps/loop/definition.ts';
import { subWorkflow } from '#lib/steps/sub-workflow/definition.ts';
import { transform } from '#lib/steps/transform/definition.ts';
import { wait } from '#lib/steps/wait/definition.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';

/** The product's step types that need nothing of the world, one that has an effect on it, and one that must not be repeated. */
export const simulatedCatalog: StepCatalog = {
  condition,
  loop,
  transform,
  wait,
  approval,
  workflow: subWorkflow,
  work: plainStep,
  once: { ...plainStep, type: 'once', onCrash: () => 'ask' },
};
