import { errorMessage } from '#lib/base/errors.ts';
import { idFromUuid } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import { type DeliveryAttemptResult, type DueDelivery, keepBody, recordAttempt } from '#lib/db/deliveries.ts';
import { readAllEvents } from '#lib/db/run-events.ts';
import { findRun } from '#lib/db/run-list.ts';
import { signingOf } from '#lib/db/signing.ts';
import { finalRunView } from '#lib/server/full-run-view.ts';
import { signingSecrets } from '#lib/server/signing-secret.ts';
import { safeAddress } from '#lib/steps/outgoing.ts';
import { signatureHeaders } from '#lib/steps/webhook/sign.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';

/** Milliseconds from a failed attempt to the next: eight tries over about 18 hours. */
const BACKOFF_MS = [5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000] as const;
const TIMEOUT_MS = 15_000;
/** The longest `Retry-After` that is honoured, in seconds. */
const MAX_WAIT_S = 24 * 3600;

export interface Sender {
  readonly fetch: typeof fetch;
  readonly catalog: StepCatalog;
  /** The instance's key; what signs is derived from it. */
  readonly instanceKey: string;
  readonly now: () => number;
}

interface Sent {
  readonly result: DeliveryAttemptResult;
  readonly status: 'pending' | 'delivered' | 'failed';
  readonly nextAt: Date | null;
}

/** Makes the attempt that is due and records how it went. */
export async function sendCallback(sender: Sender, delivery: DueDelivery): Promise<void> {
  const at = new Date(sender.now());
  const { result, status, nextAt } = await attempt(sender, delivery, at);
  await recordAttempt(delivery, result, status, nextAt);
}

async function attempt(sender: Sender, delivery: DueDelivery, at: Date): Promise<Sent> {
  const unsent = (error: string) => ({ at, durationMs: 0, statusCode: null, error });
  let body: Json;
  try {
    body = delivery.body ?? (await makeBody(sender, delivery));
  } catch (thrown) {
    return failed(sender, delivery, unsent(`The run cannot be read: ${errorMessage(thrown)}`), true, 0);
  }
  if (body === null) return failed(sender, delivery, unsent('The run was deleted before its callback could be sent'), false, 0);
  return post(sender, delivery, JSON.stringify(body), at);
}

/** The run as it stood at the end that is told of, whatever was done with it since. Null: it is gone. */
async function makeBody(sender: Sender, delivery: DueDelivery): Promise<Json> {
  const record = await findRun(delivery.workspaceUuid, delivery.runUuid);
  if (record === null) return null;
  const events = (await readAllEvents(delivery.runUuid)).filter((event) => event.seq <= delivery.runSeq);
  const run = await finalRunView(record, events, sender.catalog);
  const body = { type: delivery.kind, timestamp: delivery.createdAt.toISOString(), data: { run } } as unknown as Json;
  await keepBody(delivery.uuid, body);
  return body;
}

async function post(sender: Sender, delivery: DueDelivery, body: string, at: Date): Promise<Sent> {
  const began = performance.now();
  const result = (statusCode: number | null, error: string | null) => ({ at, durationMs: performance.now() - began, statusCode, error });
  try {
    const response = await sender.fetch(delivery.url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', 'user-agent': 'Weftline', ...(await signed(sender, delivery, body, at)) },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel().catch(() => undefined);
    if (response.ok) return { result: result(response.status, null), status: 'delivered', nextAt: null };
    const error = `${safeAddress(delivery.url)} answered ${response.status}`;
    // 410: the receiver wants no more of it.
    return failed(sender, delivery, result(response.status, error), response.status !== 410, retryAfter(response, sender.now()));
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    return failed(sender, delivery, result(null, errorMessage(cause)), !isRefused(thrown), 0);
  }
}

function failed(sender: Sender, delivery: DueDelivery, result: DeliveryAttemptResult, again: boolean, asked: number): Sent {
  const pause = BACKOFF_MS[delivery.attempt - 1];
  if (!again || pause === undefined) return { result, status: 'failed', nextAt: null };
  return { result, status: 'pending', nextAt: new Date(sender.now() + Math.max(pause, asked)) };
}

async function signed(sender: Sender, delivery: DueDelivery, body: string, at: Date): Promise<Record<string, string>> {
  const id = idFromUuid('dlv', delivery.uuid);
  const seconds = Math.floor(at.getTime() / 1000);
  const state = await signingOf(delivery.workspaceUuid);
  return signatureHeaders(id, seconds, body, signingSecrets(sender.instanceKey, delivery.workspaceUuid, state, at));
}

/** What the egress rules refuse now they refuse later too. */
function isRefused(thrown: unknown): boolean {
  for (let at: unknown = thrown; at instanceof Error; at = at.cause) {
    if ((at as { code?: unknown }).code === 'EGRESS_REFUSED') return true;
  }
  return false;
}

function retryAfter(response: Response, now: number): number {
  const header = response.headers.get('retry-after')?.trim() ?? '';
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds), MAX_WAIT_S) * 1000 : 0;
}
