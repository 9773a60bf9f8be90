import type { StepContext, StepExecutor, StepOutcome } from '../executor.ts';
import { failed } from '../outgoing.ts';
import { AgentWork } from './agent-work.ts';
import { tighter } from './budget.ts';
import type { AgentTaskConfig } from './definition.ts';
import { addressOf, openModel } from './model.ts';
import { AgentSettings } from './settings.ts';
import { openTools } from './tools.ts';
import { recordedEvents, recordingOf } from './transcript.ts';

/** Lets the model work until it has an answer, a limit is reached, or the step is stopped. */
export const executeAgentTask: StepExecutor<AgentTaskConfig> = async (config, context) => {
  const found = await settingsOf(config, context);
  if ('kind' in found) return found;
  const settings = found.settings;
  const isReplay = config.recording !== undefined;
  const recording = isReplay ? recordingOf(config.recording ?? []) : recordedEvents(await context.recorded(), context.idempotencyKey);
  const seconds = settings.limits.max_seconds;
  const timer = seconds === undefined ? null : AbortSignal.timeout(Math.max(0, context.startedAt + seconds * 1000 - Date.now()));
  const signal = timer === null ? context.signal : AbortSignal.any([context.signal, timer]);
  const work = new AgentWork({ settings, config, context, recording, isReplay, signal });
  const overtime = (): StepOutcome | null => {
    if (timer?.aborted !== true || context.signal.aborted) return null;
    const error = work.budget.exceeded('AGENT_TIME_EXCEEDED', `The agent has not finished within ${seconds} s`);
    return { kind: 'failed', error, retryable: false };
  };
  try {
    if (isReplay) return await work.run({ tools: [], close: async () => undefined }, null);
    const key = settings.api_key_secret === undefined ? undefined : await context.secret(settings.api_key_secret);
    if (key !== undefined && 'error' in key) return { kind: 'failed', error: key.error, retryable: false };
    const toolbox = await openTools(settings.tools, context, signal);
    if ('error' in toolbox) return { kind: 'failed', error: toolbox.error, retryable: toolbox.retryable };
    try {
      const model = await openModel(settings, key?.value, context.fetch);
      const outcome = await work.run(toolbox, { model, address: addressOf(settings) });
      return outcome.kind === 'failed' ? (overtime() ?? outcome) : outcome;
    } finally {
      await toolbox.close();
    }
  } catch (thrown) {
    if (context.signal.aborted) return failed('STEP_ABORTED', 'The step was stopped', false);
    const late = overtime();
    if (late !== null) return late;
    throw thrown;
  } finally {
    work.close();
  }
};

/** The agent's settings with what the step says in their place. */
async function settingsOf(config: AgentTaskConfig, context: StepContext): Promise<{ settings: AgentSettings } | StepOutcome> {
  let base: AgentSettings | null;
  if (config.agent_id !== undefined) {
    base = await context.agent(config.agent_id);
    if (base === null) {
      const message = `There is no agent '${config.agent_id}'; see Settings → Agents`;
      return { kind: 'failed', error: { code: 'AGENT_NOT_FOUND', message, path: '/config/agent_id' }, retryable: false };
    }
  } else {
    base = AgentSettings.parse(config.model ?? { model: 'recorded' });
  }
  return {
    settings: {
      ...base,
      system_prompt: config.system_prompt ?? base.system_prompt,
      tools: [...base.tools, ...(config.tools ?? [])],
      limits: tighter(base.limits, config.limits),
    },
  };
}
