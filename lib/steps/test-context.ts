import type { StepContext } from './executor.ts';

/** For tests: a context whose log is kept, with a signal that can be aborted. */
export function testContext(changes: Partial<StepContext> = {}): StepContext & { readonly lines: string[]; abort(): void } {
  const controller = new AbortController();
  const lines: string[] = [];
  return {
    runId: 'run_1',
    workflowId: 'wf_1',
    workspaceId: 'ws_1',
    stepKey: 'step',
    attempt: 1,
    startedAt: Date.UTC(2026, 0, 1),
    idempotencyKey: 'run_1:step:1',
    signal: controller.signal,
    timeout: null,
    scope: { input: { name: 'Ada' }, args: {}, steps: {} },
    fetch,
    secret: async (name) => ({ error: { code: 'SECRET_NOT_FOUND', message: `There is no secret '${name}'` } }),
    agent: async () => null,
    checkSchema: () => [],
    record: async () => undefined,
    recorded: async () => [],
    hideSecrets: (value) => value,
    runs: {
      plan: async () => ({ error: { code: 'NO_RUNS', message: 'There are no runs here' } }),
      start: async () => ({ error: { code: 'NO_RUNS', message: 'There are no runs here' } }),
    },
    log: (line) => lines.push(line),
    progress: () => undefined,
    emit: () => undefined,
    ...changes,
    lines,
    abort: () => controller.abort(),
  };
}
