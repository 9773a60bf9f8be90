import type { Access } from '#lib/auth/access.ts';
import type { Json } from '#lib/base/json.ts';
import type { createAgent as contract } from '#lib/contracts/agents.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { insertAgent } from '#lib/db/agents.ts';
import { agentView, nameTaken } from './agent-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Makes an agent; its name is its own within the workspace. */
export async function createAgent(access: Access, { body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { name, description, settings } = body;
  const record = await insertAgent(workspaceUuid(access), { name, description, config: settings as unknown as Json }, access.actor.name);
  if (record === null) throw nameTaken(name);
  return agentView(record);
}
