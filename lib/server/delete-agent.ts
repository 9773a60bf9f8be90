import type { Access } from '#lib/auth/access.ts';
import type { deleteAgent as contract } from '#lib/contracts/agents.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { deleteAgentRecord } from '#lib/db/agents.ts';
import { noAgent } from './agent-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Deletes an agent for good. */
export async function deleteAgent(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  if (!(await deleteAgentRecord(workspaceUuid(access), params.id))) throw noAgent();
  return null;
}
