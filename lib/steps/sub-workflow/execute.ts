import type { StepExecutor } from '../executor.ts';
import type { SubWorkflowConfig } from './definition.ts';

/** Plans a run of the workflow; then waits for it, or starts it and goes on. */
export const executeSubWorkflow: StepExecutor<SubWorkflowConfig> = async (config, { runs, timeout, startedAt }) => {
  const plan = await runs.plan({ workflowId: config.workflow_id, version: config.version ?? null, input: config.input ?? {} });
  if ('error' in plan) return { kind: 'failed', error: plan.error, retryable: false };
  // The run is started when it is certain that its end will be waited for.
  if (config.wait) return { kind: 'wait', on: 'child', until: timeout === null ? null : startedAt + timeout, data: plan.child };
  const started = await runs.start(plan.child);
  if ('error' in started) return { kind: 'failed', error: started.error, retryable: false };
  return { kind: 'completed', output: { run_id: started.run_id } };
};
