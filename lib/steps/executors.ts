import { executeAgentTask } from './agent-task/execute.ts';
import { executeApproval } from './approval/execute.ts';
import { executeCode } from './code/execute.ts';
import { executeCondition } from './condition/execute.ts';
import type { StepExecutor } from './executor.ts';
import { executeHttpRequest } from './http-request/execute.ts';
import { executeLoop } from './loop/execute.ts';
import { executeScript } from './script/execute.ts';
import { executeSubWorkflow } from './sub-workflow/execute.ts';
import { executeTransform } from './transform/execute.ts';
import { executeWait } from './wait/execute.ts';
import { executeWebhook } from './webhook/execute.ts';

/** The work of every step type, by the word in `step.type`. Node.js only: the worker alone imports it. */
export const stepExecutors: Readonly<Record<string, StepExecutor>> = Object.freeze({
  http_request: executeHttpRequest,
  webhook: executeWebhook,
  script: executeScript,
  agent_task: executeAgentTask,
  code: executeCode,
  condition: executeCondition,
  loop: executeLoop,
  transform: executeTransform,
  wait: executeWait,
  approval: executeApproval,
  workflow: executeSubWorkflow,
});
