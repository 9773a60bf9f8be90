import { errorMessage } from '#lib/base/errors.ts';
import type { Json } from '#lib/base/json.ts';
import type { RunError } from '#lib/engine/events.ts';
import { retryDelay } from '#lib/engine/retry.ts';
import { SecretMask } from '#lib/server/secret-mask.ts';
import { retryPolicy } from '#lib/workflow/graph.ts';
import { stepType } from '#lib/workflow/step-type.ts';
import { compileConfig } from '#lib/workflow/template.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import type { RunDriver } from './execute-run.ts';
import { configScope, type RunFacts } from './step-scope.ts';
import { loadSecrets, resolveSecretly, secretUses } from './step-secrets.ts';

/** An undo sees, beside what its step saw, the step's output and the error that the run is undone for (`run.error`). */
function factsOf(run: RunDriver): RunFacts {
  const { facts, state } = run;
  return { ...facts, run: { ...facts.run, error: state.error as unknown as Json } };
}

const STOPPED: RunError = { code: 'STEP_CANCELLED', message: 'The run is no longer driven here' };

/** It must not be repeated, so that it began is durable before it begins. */
function announced(run: RunDriver, step: string, attempt: number): Promise<void> {
  run.record({ type: 'step_undoing', step, attempt, at: Date.now() });
  run.runtime.flusher.add(run);
  return new Promise((resolve) => run.whenWritten(resolve));
}

/**
 * Undoes a completed step with the retries that its `undo` names. Answers the error of the last attempt, or null. What it
 * answers counts for nothing once `stopping` says that the run is not ours to drive any more.
 */
export async function performUndo(run: RunDriver, owner: AttemptOwner, key: string, stopping: AbortSignal): Promise<RunError | null> {
  const { scope: place, prepared, at } = run.find(key);
  const undo = prepared.step.source.undo;
  if (undo === undefined) return null;
  const type = stepType(run.runtime.steps.catalog, undo.type);
  const executor = run.runtime.steps.executors[undo.type];
  if (type === undefined || executor === undefined) return { code: 'UNKNOWN_STEP_TYPE', message: `No worker can execute '${undo.type}'` };
  const template = compileConfig(undo.config ?? {}, type);
  const undoing = { ...prepared, template, upstream: [prepared.step.id, ...prepared.upstream] };
  const { execution } = at;
  const stepKey = `${key}/undo`;
  const scope = configScope(undoing, place, factsOf(run), stepKey, execution);
  const mask = new SecretMask();
  const secrets = await loadSecrets(run.ids.workspaceId, secretUses(template), mask);
  if ('error' in secrets) return { ...secrets.error, path: `/undo/config${secrets.error.path}` };
  const config = type.config.resolved.safeParse((await resolveSecretly(template, scope, secrets.values, mask)).value);
  if (!config.success)
    return { code: 'CONFIG_INVALID', message: config.error.issues[0]?.message ?? 'The config is not valid', path: '/undo/config' };
  if (type.onCrash(undo.config ?? {}) === 'ask') await announced(run, key, at.attempt);
  const policy = retryPolicy(undo.retry);
  for (let number = 1; ; number++) {
    // Another owner may be at it by now.
    if (stopping.aborted) return STOPPED;
    const attempt = new Attempt(owner, prepared, { place, attempt: number, execution, startedAt: Date.now(), stepKey });
    attempt.startSecretly(mask);
    const stop = () => attempt.abort('The run is no longer driven here');
    stopping.addEventListener('abort', stop);
    attempt.startTimer(() => attempt.abort('The undo took too long'));
    const ended = await Promise.resolve()
      .then(() => executor(config.data as never, attempt))
      .catch((thrown) => ({ kind: 'failed' as const, error: { code: 'STEP_ERROR', message: errorMessage(thrown) }, retryable: true }));
    const outcome = attempt.masked(ended);
    attempt.drop();
    stopping.removeEventListener('abort', stop);
    if (outcome.kind !== 'failed') return null;
    if (!outcome.retryable || number >= policy.maxAttempts) return { ...outcome.error, step: key };
    await new Promise((resolve) => setTimeout(resolve, retryDelay(policy, number, Math.random())));
  }
}
