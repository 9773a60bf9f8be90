import { AppError } from '#lib/base/errors.ts';
import type { AgentRow } from '#lib/contracts/agents.ts';
import type { AgentRecord } from '#lib/db/agents.ts';
import { AgentSettings } from '#lib/steps/agent-task/settings.ts';

/** A stored agent as it goes over the wire. */
export function agentView(record: AgentRecord): AgentRow {
  return {
    id: record.id,
    name: record.name,
    description: record.description,
    settings: AgentSettings.parse(record.config),
    created_at: record.createdAt.toISOString(),
    updated_at: record.updatedAt.toISOString(),
    created_by: record.createdBy,
  };
}

export function noAgent(): AppError {
  return new AppError('not_found', 'There is no such agent.');
}

export function nameTaken(name: string): AppError {
  const message = `There is an agent called '${name}' already`;
  return new AppError('conflict', message, { details: [{ path: '/name', code: 'taken', message }] });
}
