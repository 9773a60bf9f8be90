import { z } from 'zod';
import { contract, Id, Time } from '#lib/contracts/contract.ts';
import { AgentSettings } from '#lib/steps/agent-task/settings.ts';

const tag = 'Agents';

const AgentBody = z.strictObject({
  name: z.string().trim().min(1, 'An agent needs a name').max(100),
  description: z.string().max(500).default(''),
  settings: AgentSettings,
});

export const AgentRow = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    settings: AgentSettings,
    created_at: Time,
    updated_at: Time,
    created_by: z.string(),
  })
  .meta({ id: 'AgentRow' });
export type AgentRow = z.infer<typeof AgentRow>;

export const listAgents = contract({
  operation: 'listAgents',
  method: 'GET',
  path: '/api/agents',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'List agents',
  description: 'Their settings name secrets; the values are nowhere in them.',
  answer: z.object({ agents: z.array(AgentRow), total: z.int() }),
});

export const getAgent = contract({
  operation: 'getAgent',
  method: 'GET',
  path: '/api/agents/{id}',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'Get an agent',
  params: z.object({ id: Id }),
  answer: AgentRow,
  errors: ['not_found'],
});

export const createAgent = contract({
  operation: 'createAgent',
  method: 'POST',
  path: '/api/agents',
  tag,
  permission: 'agents:manage',
  status: 201,
  summary: 'Create an agent',
  description: 'A model with instructions, tools and limits, for steps of type agent_task.',
  body: AgentBody,
  answer: AgentRow,
  errors: ['conflict'],
  example: {
    name: 'Researcher',
    settings: {
      provider: 'openai-compatible',
      base_url: 'https://api.openai.com/v1',
      model: 'gpt-5-mini',
      api_key_secret: 'OPENAI_API_KEY',
    },
  },
});

export const updateAgent = contract({
  operation: 'updateAgent',
  method: 'PUT',
  path: '/api/agents/{id}',
  tag,
  permission: 'agents:manage',
  status: 200,
  summary: 'Replace an agent',
  description: 'Steps that begin after this work with the new settings.',
  params: z.object({ id: Id }),
  body: AgentBody,
  answer: AgentRow,
  errors: ['not_found', 'conflict'],
});

export const deleteAgent = contract({
  operation: 'deleteAgent',
  method: 'DELETE',
  path: '/api/agents/{id}',
  tag,
  permission: 'agents:manage',
  status: 204,
  summary: 'Delete an agent',
  description: 'Steps that name it fail from now on, with `AGENT_NOT_FOUND`.',
  params: z.object({ id: Id }),
  answer: z.null(),
  errors: ['not_found'],
});
