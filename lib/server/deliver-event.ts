import { idFromUuid } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import { postMail } from '#lib/db/mailbox.ts';
import { runsWaitingFor } from '#lib/db/waits.ts';

/** Gives an event to every run of a workflow that waits for one of its type at this moment. Answers their ids. */
export async function deliverEvent(workflowUuid: string, eventType: string, payload: Json, dedupeKey: string): Promise<string[]> {
  const runs = await runsWaitingFor(workflowUuid, eventType);
  const message = { kind: 'event', payload: { event_type: eventType, payload }, dedupeKey } as const;
  const answers = await postMail(runs.map((runId) => ({ ...message, runId })));
  return runs.filter((_, index) => answers[index] === 'posted').map((uuid) => idFromUuid('run', uuid));
}
