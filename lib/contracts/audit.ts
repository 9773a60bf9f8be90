import { z } from 'zod';
import { contract, JsonShape, Paging, Time } from '#lib/contracts/contract.ts';

export const AuditRow = z
  .object({
    id: z.string(),
    at: Time,
    actor: z.object({ kind: z.enum(['user', 'key', 'system']), id: z.string(), name: z.string() }),
    action: z.string().meta({ examples: ['run.cancelled', 'workflow.version_saved', 'key.created'] }),
    target: z.object({ kind: z.string(), id: z.string() }),
    data: JsonShape.meta({ description: 'More of what was done, null where there is no more' }),
  })
  .meta({ id: 'AuditRow' });
export type AuditRow = z.infer<typeof AuditRow>;

export const listAudit = contract({
  operation: 'listAudit',
  method: 'GET',
  path: '/api/audit',
  tag: 'Audit',
  permission: 'members:manage',
  status: 200,
  summary: 'Who did what and when',
  description: 'Newest first: what people and programs did to runs, workflows, keys and members of the workspace.',
  query: Paging.extend({
    action: z.string().max(100).optional(),
    actor_id: z.string().max(100).optional(),
    target_kind: z.string().max(50).optional(),
    target_id: z.string().max(100).optional(),
    since: z.iso.datetime({ offset: true }).optional(),
    until: z.iso.datetime({ offset: true }).optional(),
  }),
  answer: z.object({ entries: z.array(AuditRow), total: z.int(), next_cursor: z.string().nullable() }),
});
