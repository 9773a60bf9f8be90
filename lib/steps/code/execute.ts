import type { StepExecutor } from '../executor.ts';

/** Never asked: task workers execute the type (`offeredAs`), and the engine's workers offer it to them. */
export const executeCode: StepExecutor = () => ({
  kind: 'failed',
  error: { code: 'NO_TASK_WORKER', message: 'Code is executed by task workers alone' },
  retryable: false,
});
