import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { agentTask } from './agent-task/definition.ts';
import { approval } from './approval/definition.ts';
import { code } from './code/definition.ts';
import { condition } from './condition/definition.ts';
import { httpRequest } from './http-request/definition.ts';
import { loop } from './loop/definition.ts';
import { script } from './script/definition.ts';
import { subWorkflow } from './sub-workflow/definition.ts';
import { transform } from './transform/definition.ts';
import { wait } from './wait/definition.ts';
import { webhook } from './webhook/definition.ts';

/** Every step type, in the order of the palette. A new type is one line here and one in `executors.ts`. */
export const stepCatalog: StepCatalog = Object.freeze({
  http_request: httpRequest,
  webhook,
  script,
  agent_task: agentTask,
  code,
  condition,
  loop,
  transform,
  wait,
  approval,
  workflow: subWorkflow,
});
