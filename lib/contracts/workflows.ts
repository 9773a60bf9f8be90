import { z } from 'zod';
import { contract, Id, JsonShape, MAX_INT, Paging, Time } from '#lib/contracts/contract.ts';
import { ProblemShape } from '#lib/contracts/error.ts';
import { Retention } from '#lib/contracts/retention.ts';
import { RUN_STATUSES } from '#lib/engine/events.ts';
import { Definition, DraftDefinition } from '#lib/workflow/definition.ts';

const tag = 'Workflows';
export const WorkflowStatus = z.enum(['draft', 'active', 'paused', 'archived']);
export type WorkflowStatus = z.infer<typeof WorkflowStatus>;
export const TriggerType = z.enum(['manual', 'schedule', 'event', 'webhook']);
const Tags = z.array(z.string().trim().min(1).max(50)).max(50);
const Summary = z.string().trim().min(1).max(500);
export const WorkflowParams = z.object({ id: Id });

export const WorkflowRow = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    version: z.int().meta({ description: 'Number of the newest version; 0 while there is only a draft' }),
    status: WorkflowStatus,
    trigger_type: TriggerType,
    tags: z.array(z.string()),
    created_at: Time,
    updated_at: Time,
    next_run_at: Time.nullable().meta({ description: 'The next due time of its schedules; null for none, and while it is not active' }),
    /** Newest first, at most 20. */
    recent_runs: z.array(
      z.object({ id: z.string(), status: z.enum(RUN_STATUSES), started_at: Time.nullable(), duration_seconds: z.number().nullable() }),
    ),
  })
  .meta({ id: 'WorkflowRow' });
export type WorkflowRow = z.infer<typeof WorkflowRow>;

export const Workflow = WorkflowRow.extend({
  definition: DraftDefinition.meta({ description: 'The newest version; of a workflow without one, its draft' }),
  has_draft: z.boolean().meta({ description: 'True where the draft differs from the newest version' }),
}).meta({ id: 'Workflow' });
export type Workflow = z.infer<typeof Workflow>;

const example = {
  definition: {
    name: 'Fetch and notify',
    steps: [
      { id: 'fetch', type: 'http_request', config: { method: 'GET', url: '{{ mock.url }}/echo?hello=world' } },
      {
        id: 'notify',
        type: 'webhook',
        depends_on: ['fetch'],
        config: { url: '{{ mock.url }}/sink', payload: { status: '{{ steps.fetch.output.status_code }}' } },
      },
    ],
  },
};

export const createWorkflow = contract({
  operation: 'createWorkflow',
  method: 'POST',
  path: '/api/workflows',
  tag,
  permission: 'workflows:write',
  status: 201,
  summary: 'Create a workflow',
  description:
    'Stores the definition as version 1. With `draft: true` the definition becomes the draft of a workflow without versions; it may then be incomplete.',
  body: z.strictObject({
    definition: JsonShape,
    trigger_type: TriggerType.default('manual'),
    tags: Tags.default([]),
    draft: z.boolean().default(false),
  }),
  answer: z.object({ id: z.string(), workflow: Workflow }),
  errors: ['validation_error'],
  example,
});

export const listWorkflows = contract({
  operation: 'listWorkflows',
  method: 'GET',
  path: '/api/workflows',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'List workflows',
  description: 'Most recently changed first.',
  query: Paging.extend({
    status: WorkflowStatus.optional(),
    trigger_type: TriggerType.optional(),
    tag: z.string().max(50).optional(),
    search: z.string().max(200).optional(),
  }),
  answer: z.object({ workflows: z.array(WorkflowRow), total: z.int(), next_cursor: z.string().nullable() }),
});

export const getWorkflow = contract({
  operation: 'getWorkflow',
  method: 'GET',
  path: '/api/workflows/{id}',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'Get a workflow',
  params: WorkflowParams,
  answer: Workflow,
  errors: ['not_found'],
});

export const updateWorkflow = contract({
  operation: 'updateWorkflow',
  method: 'PUT',
  path: '/api/workflows/{id}',
  tag,
  permission: 'workflows:write',
  status: 200,
  summary: 'Save a new version',
  description:
    'A valid definition becomes the next version and the draft; an equal one makes none; an invalid one is refused with every fault and changes nothing.',
  params: WorkflowParams,
  body: z.strictObject({
    definition: JsonShape,
    change_summary: Summary.optional(),
    /** Newest version the change was based on; a newer one in between is a conflict. */
    base_version: z.int().min(0).max(MAX_INT).optional(),
    /** Revision of the draft that the definition is; a later one in between is a conflict, because the version also becomes the draft. */
    draft_revision: z.int().min(0).max(MAX_INT).optional(),
    tags: Tags.optional(),
  }),
  answer: Workflow,
  errors: ['not_found', 'conflict', 'validation_error'],
  example: { ...example, change_summary: 'Point at the new host' },
});

export const deleteWorkflow = contract({
  operation: 'deleteWorkflow',
  method: 'DELETE',
  path: '/api/workflows/{id}',
  tag,
  permission: 'workflows:write',
  status: 204,
  summary: 'Delete a workflow',
  description: 'Its live runs are cancelled first; its versions and runs go with it.',
  params: WorkflowParams,
  answer: z.null(),
  errors: ['not_found'],
});

export const setWorkflowStatus = contract({
  operation: 'setWorkflowStatus',
  method: 'PATCH',
  path: '/api/workflows/{id}/status',
  tag,
  permission: 'workflows:write',
  status: 200,
  summary: 'Set the status of a workflow',
  params: WorkflowParams,
  body: z.strictObject({ status: WorkflowStatus }),
  answer: Workflow,
  errors: ['not_found', 'conflict'],
  example: { status: 'active' },
});

export const validateWorkflow = contract({
  operation: 'validateWorkflow',
  method: 'POST',
  path: '/api/workflows/validate',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'Validate a definition',
  description: 'Stores nothing. Reports all faults together.',
  body: z.strictObject({ definition: JsonShape }),
  answer: z.object({ valid: z.boolean(), errors: z.array(ProblemShape), warnings: z.array(ProblemShape) }),
  example,
});

export const Draft = z
  .object({
    definition: DraftDefinition,
    /** Grows with each save of the draft. */
    revision: z.int(),
    /** Version the draft started from; 0 for none. */
    base_version: z.int(),
    updated_at: Time,
    updated_by: z.string(),
  })
  .meta({ id: 'Draft' });
export type Draft = z.infer<typeof Draft>;

export const getDraft = contract({
  operation: 'getDraft',
  method: 'GET',
  path: '/api/workflows/{id}/draft',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'Get the draft',
  description: 'The working copy; equal to the newest version where nothing was changed since.',
  params: WorkflowParams,
  answer: Draft,
  errors: ['not_found'],
});

export const saveDraft = contract({
  operation: 'saveDraft',
  method: 'PUT',
  path: '/api/workflows/{id}/draft',
  tag,
  permission: 'workflows:write',
  status: 200,
  summary: 'Save the draft',
  description: 'Carries the revision it was based on; a stale one answers 409 with the current draft in `details`.',
  params: WorkflowParams,
  body: z.strictObject({ definition: DraftDefinition, revision: z.int().min(0).max(MAX_INT) }),
  answer: Draft,
  errors: ['not_found', 'conflict', 'validation_error'],
});

/** What the events of `followDraft` carry, by their names. */
export const DraftEvents = z.object({
  draft: Draft.omit({ definition: true }),
  people: z.array(z.object({ id: z.string(), name: z.string(), you: z.boolean() })),
  gone: z.object({}),
});
export type DraftEvents = z.infer<typeof DraftEvents>;

export const followDraft = contract({
  operation: 'followDraft',
  method: 'GET',
  path: '/api/workflows/{id}/draft/stream',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'Follow the draft',
  description:
    'Server-sent events: `draft` now and at each change, with the revision and who saved it; `people`, who else has it open (`you`: the same account elsewhere); `gone` where the workflow was deleted. A reader that comes back gets how things are then.',
  params: WorkflowParams,
  answer: z.string(),
  errors: ['not_found'],
});

export const setRetention = contract({
  operation: 'setRetention',
  method: 'PUT',
  path: '/api/workflows/{id}/retention',
  tag,
  permission: 'workflows:write',
  status: 200,
  summary: 'Say how long ended runs are kept',
  description: 'For runs that start from now on; a start may say otherwise for its own run.',
  params: WorkflowParams,
  body: Retention,
  answer: z.object({ retention: Retention }),
  errors: ['not_found'],
  example: { success: '7 days', error: '30 days' },
});

export const getRetention = contract({
  operation: 'getRetention',
  method: 'GET',
  path: '/api/workflows/{id}/retention',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'How long ended runs are kept',
  params: WorkflowParams,
  answer: z.object({ retention: Retention }),
  errors: ['not_found'],
});

export const DefinitionShape = Definition;
