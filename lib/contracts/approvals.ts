import { z } from 'zod';
import { contract, Id, JsonShape, Paging, Time } from '#lib/contracts/contract.ts';

const tag = 'Approvals';

export const Approval = z
  .object({
    id: z.string(),
    run_id: z.string(),
    workflow_id: z.string(),
    workflow_name: z.string(),
    step_key: z.string(),
    step_name: z.string().meta({ description: 'The name of the step; in a loop after those of the loops, with the iterations' }),
    message: z.string(),
    approvers: z.array(z.string()).meta({ description: 'Roles and e-mail addresses; empty: everybody who may change runs' }),
    form: JsonShape.nullable().meta({ description: 'JSON Schema of what the decision carries' }),
    may_decide: z.boolean().meta({ description: 'True where the caller may' }),
    created_at: Time,
    expires_at: Time.nullable(),
  })
  .meta({ id: 'Approval' });
export type Approval = z.infer<typeof Approval>;

export const listApprovals = contract({
  operation: 'listApprovals',
  method: 'GET',
  path: '/api/approvals',
  tag,
  permission: 'runs:read',
  status: 200,
  summary: 'List what waits for a decision',
  description: 'Of the whole workspace, oldest first.',
  query: Paging.extend({ run_id: Id.optional(), step_key: z.string().max(1000).optional() }),
  answer: z.object({ approvals: z.array(Approval), total: z.int(), next_cursor: z.string().nullable() }),
});

export const decideApproval = contract({
  operation: 'decideApproval',
  method: 'POST',
  path: '/api/approvals/{id}',
  tag,
  // Who may decide is the approval's own rule: a viewer may be named in it.
  permission: 'runs:read',
  status: 200,
  summary: 'Approve or reject',
  description: 'What the form asks for goes into `form` and is checked against its schema. The second of two decisions answers 409.',
  params: z.object({ id: Id }),
  body: z.strictObject({
    decision: z.enum(['approved', 'rejected']),
    form: z.record(z.string(), z.json()).default({}),
    comment: z.string().trim().max(5000).default(''),
  }),
  answer: z.object({ id: z.string(), run_id: z.string(), decision: z.enum(['approved', 'rejected']) }),
  errors: ['not_found', 'conflict', 'validation_error'],
  example: { decision: 'approved', form: { reason: 'Within budget' } },
});
