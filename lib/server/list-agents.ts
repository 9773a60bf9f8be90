import type { Access } from '#lib/auth/access.ts';
import type { listAgents as contract } from '#lib/contracts/agents.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { listAgentRecords } from '#lib/db/agents.ts';
import { agentView } from './agent-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** The agents of the workspace by name. */
export async function listAgents(access: Access, _input: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const agents = (await listAgentRecords(workspaceUuid(access))).map(agentView);
  return { agents, total: agents.length };
}
