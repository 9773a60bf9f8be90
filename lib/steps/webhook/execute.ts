import { setTimeout as delay } from 'node:timers/promises';
import { parseDuration } from '#lib/base/duration.ts';
import { cleanText } from '../clean-json.ts';
import type { StepContext, StepExecutor, StepOutcome } from '../executor.ts';
import { callLimit, excerpt, failed, isRetryableStatus, networkFailure, readBytes, retryAfterOf, safeAddress } from '../outgoing.ts';
import type { WebhookConfig } from './definition.ts';
import { deliveryId, SecretFormatError, signatureHeaders } from './sign.ts';

const DEFAULT_ATTEMPTS = 3;
const DEFAULT_TIMEOUT = 15_000;
/** Milliseconds before the second attempt; doubled for each one after. */
const FIRST_DELAY = 500;
/** The longest `Retry-After` in milliseconds that is waited for here; a longer one is left to the step's retry. */
const LONGEST_DELAY = 30_000;
/** Bytes of the receiver's answer that are read; the rest does not matter. */
const ANSWER_BYTES = 64 * 1024;

/** Delivers the payload, signed where there is a secret, and tries again where that may help. */
export const executeWebhook: StepExecutor<WebhookConfig> = async (config, context) => {
  const attempts = config.attempts ?? DEFAULT_ATTEMPTS;
  const id = deliveryId(context.idempotencyKey);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await deliver(config, context, id, attempt);
    if (outcome.kind !== 'failed' || !outcome.retryable || attempt >= attempts) return outcome;
    const pause = Math.max(FIRST_DELAY * 2 ** (attempt - 1), outcome.retryAfter ?? 0);
    if (pause > LONGEST_DELAY) return outcome;
    context.log(`Attempt ${attempt} of ${attempts}: ${outcome.error.message}`);
    try {
      await delay(pause, undefined, { signal: context.signal });
    } catch {
      return failed('STEP_ABORTED', 'The step was stopped', false);
    }
  }
};

async function deliver(config: WebhookConfig, context: StepContext, id: string, attempt: number): Promise<StepOutcome> {
  const { signal, timedOut } = callLimit(context, parseDuration(config.timeout ?? DEFAULT_TIMEOUT / 1000) ?? DEFAULT_TIMEOUT);
  const body = JSON.stringify(config.payload ?? { run_id: context.runId, workflow_id: context.workflowId, step: context.stepKey });
  try {
    const headers = new Headers(config.headers ?? {});
    headers.set('content-type', 'application/json');
    if (!headers.has('user-agent')) headers.set('user-agent', 'Weftline');
    headers.set('idempotency-key', id);
    const signed = signatureHeaders(id, Math.floor(Date.now() / 1000), body, secretsOf(config));
    for (const [name, value] of Object.entries(signed)) headers.set(name, value);
    const response = await context.fetch(config.url, { method: 'POST', headers, body, signal });
    if (response.ok) {
      await response.body?.cancel().catch(() => undefined);
      const delivered_at = new Date().toISOString();
      return { kind: 'completed', output: { status_code: response.status, delivered_at, attempts: attempt, webhook_id: id } };
    }
    const text = new TextDecoder().decode(await readBytes(response, ANSWER_BYTES).catch(() => new Uint8Array()));
    const status = `${response.status} ${response.statusText}`.trim();
    const retryAfter = retryAfterOf(response.headers.get('retry-after'), Date.now());
    const data = { status_code: response.status, attempts: attempt, webhook_id: id, body: excerpt(cleanText(text)) };
    return failed('HTTP_STATUS', `${safeAddress(config.url)} answered ${status}`, isRetryableStatus(response.status), data, retryAfter);
  } catch (thrown) {
    if (thrown instanceof SecretFormatError) {
      return { kind: 'failed', error: { code: 'CONFIG_INVALID', message: thrown.message, path: '/config/secret' }, retryable: false };
    }
    return networkFailure(thrown, config.url, context, timedOut());
  }
}

function secretsOf({ secret, former_secret }: WebhookConfig): string[] {
  return [secret, former_secret].filter((one) => one !== undefined);
}
