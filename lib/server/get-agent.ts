import type { Access } from '#lib/auth/access.ts';
import { uuidFromId } from '#lib/base/ids.ts';
import type { getAgent as contract } from '#lib/contracts/agents.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { findAgentRecord } from '#lib/db/agents.ts';
import { agentView, noAgent } from './agent-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** One agent, by its id. */
export async function getAgent(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  if (uuidFromId('agent', params.id) === null) throw noAgent();
  const record = await findAgentRecord(workspaceUuid(access), params.id);
  if (record === null) throw noAgent();
  return agentView(record);
}
