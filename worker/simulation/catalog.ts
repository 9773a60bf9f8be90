import { z } from 'zod';
import type { JsonObject } from '#lib/base/json.ts';
import { approval } from '#lib/steps/approval/definition.ts';
import { condition } from '#lib/steps/condition/definition.ts';
import { loop } from '#lib/steps/loop/definition.ts';
import { subWorkflow } from '#lib/steps/sub-workflow/definition.ts';
import { transform } from '#lib/steps/transform/definition.ts';
import { wait } from '#lib/steps/wait/definition.ts';
import { type StepCatalog, type StepDefinition, stepConfig } from '#lib/workflow/step-type.ts';

const work: StepDefinition = {
  type: 'work',
  title: 'Work',
  summary: 'A call to the simulated world outside',
  category: 'action',
  icon: 'box',
  docs: '',
  config: stepConfig(() => z.record(z.string(), z.json()) as z.ZodType<JsonObject>),
  initialConfig: {},
  branches: () => [],
  describe: () => '',
  pure: false,
  onCrash: () => 'retry',
  defaultTimeout: null,
  expressionKeys: [],
  rawKeys: [],
  exampleOutput: null,
};

/** The product's step types that need nothing of the world, one that has an effect on it, and one that must not be repeated. */
export const simulatedCatalog: StepCatalog = {
  condition,
  loop,
  transform,
  wait,
  approval,
  workflow: subWorkflow,
  work,
  once: { ...work, type: 'once', onCrash: () => 'ask' },
};
