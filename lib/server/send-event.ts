import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { sendEvent as contract } from '#lib/contracts/events.ts';
import { postMail } from '#lib/db/mailbox.ts';
import { loadRun, noRun } from './run-view.ts';

/**
 * Sends an event to a run: kept until a wait takes it, once for each `onceKey`. Durable when it resolves. Throws `conflict` for
 * a run that has ended.
 */
export async function sendEvent(
  access: Access,
  { params, body }: InputOf<typeof contract>,
  onceKey: string | null = null,
): Promise<AnswerOf<typeof contract>> {
  const run = await loadRun(access, params.run_id);
  const payload = { event_type: params.event_type, payload: body };
  const [answer] = await postMail([{ runId: run.uuid, kind: 'event', payload, dedupeKey: onceKey }]);
  if (answer === 'missing') throw noRun();
  if (answer === 'ended') throw new AppError('conflict', `This run has already ended: it is ${run.status}. It takes no more events.`);
  return { run_id: params.run_id, event_type: params.event_type };
}
