import type { Access } from '#lib/auth/access.ts';
import type { Json } from '#lib/base/json.ts';
import type { updateAgent as contract } from '#lib/contracts/agents.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { updateAgentRecord } from '#lib/db/agents.ts';
import { agentView, nameTaken, noAgent } from './agent-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Replaces all that is said of an agent. */
export async function updateAgent(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { name, description, settings } = body;
  const config = settings as unknown as Json;
  const record = await updateAgentRecord(workspaceUuid(access), params.id, { name, description, config });
  if (record === undefined) throw noAgent();
  if (record === null) throw nameTaken(name);
  return agentView(record);
}
