import { uuidFromId } from '#lib/base/ids.ts';
import { findAgentRecord } from '#lib/db/agents.ts';
import { AgentSettings } from '#lib/steps/agent-task/settings.ts';

/** The settings of an agent by id or name, or null. */
export async function readAgent(workspaceId: string, idOrName: string): Promise<AgentSettings | null> {
  const record = await findAgentRecord(uuidFromId('ws', workspaceId) ?? '', idOrName);
  return record === null ? null : AgentSettings.parse(record.config);
}
