import { database } from '#lib/db/client.ts';
import { storeDefinition } from '#lib/db/definitions.ts';
import { findDraft } from '#lib/db/drafts.ts';
import { noWorkflow } from './load-workflow.ts';
import { requireValid } from './require-valid.ts';

/** Keeps the draft's definition, so that what the test run did can be looked at later. Answers its hash. */
export async function storeDraft(workflowUuid: string): Promise<string> {
  const draft = await findDraft(workflowUuid);
  if (draft === null) throw noWorkflow();
  return storeDefinition(database(), requireValid(draft.definition));
}
