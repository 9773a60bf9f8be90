import { z } from 'zod';
import { contract, Id, JsonShape, MAX_INT, queryInt, Time } from '#lib/contracts/contract.ts';
import { StartNode } from '#lib/contracts/version-graph.ts';
import { Workflow, WorkflowParams } from '#lib/contracts/workflows.ts';
import { Definition } from '#lib/workflow/definition.ts';

const tag = 'Versions';
const VersionNumber = queryInt().min(1).max(MAX_INT);

export const VersionRow = z
  .object({
    version: z.int(),
    uuid: z.uuid(),
    change_summary: z.string(),
    author: z.string(),
    created_at: Time,
    /** Steps added, changed and removed against the version before. */
    added: z.int(),
    changed: z.int(),
    removed: z.int(),
  })
  .meta({ id: 'VersionRow' });
export type VersionRow = z.infer<typeof VersionRow>;

export const Version = VersionRow.extend({ definition: Definition }).meta({ id: 'Version' });
export type Version = z.infer<typeof Version>;

export const listVersions = contract({
  operation: 'listVersions',
  method: 'GET',
  path: '/api/workflows/{id}/versions',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'List the versions of a workflow',
  description: 'Newest first.',
  params: WorkflowParams,
  query: z.object({ limit: queryInt().min(1).max(200).default(200), offset: queryInt().min(0).default(0) }),
  answer: z.object({ versions: z.array(VersionRow), total: z.int() }),
  errors: ['not_found'],
});

export const getVersion = contract({
  operation: 'getVersion',
  method: 'GET',
  path: '/api/workflows/{id}/versions/{version}',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'Get one version',
  params: z.object({ id: Id, version: VersionNumber }),
  answer: Version,
  errors: ['not_found'],
});

export const getVersionGraph = contract({
  operation: 'getVersionGraph',
  method: 'GET',
  path: '/api/workflows/{id}/versions/{version}/graph',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'Get one version as a tree',
  description:
    'The definition as a program would say it: what runs one after another, side by side, in which case, and again and again. Steps whose edges cross stay in one block and say in which row each begins and which row waits for it (`starts`, `resolves`).',
  params: z.object({ id: Id, version: VersionNumber }),
  answer: z.object({ version: z.int(), uuid: z.uuid(), graph: StartNode }),
  errors: ['not_found'],
});

export const PatchOperation = z
  .object({
    op: z.enum(['add', 'remove', 'replace', 'move', 'copy', 'test']),
    path: z.string(),
    from: z.string().optional(),
    value: JsonShape.optional(),
  })
  .meta({ id: 'PatchOperation' });

export const diffVersions = contract({
  operation: 'diffVersions',
  method: 'GET',
  path: '/api/workflows/{id}/diff',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'Compare two versions',
  description: 'An RFC 6902 patch that turns `v1` into `v2`, in either direction, and a summary by step.',
  params: WorkflowParams,
  query: z.object({ v1: VersionNumber, v2: VersionNumber }),
  answer: z.object({ diff: z.array(PatchOperation), summary: z.string(), v1: z.int(), v2: z.int() }),
  errors: ['not_found'],
});

export const rollbackWorkflow = contract({
  operation: 'rollbackWorkflow',
  method: 'POST',
  path: '/api/workflows/{id}/rollback',
  tag,
  permission: 'workflows:write',
  status: 200,
  summary: 'Roll back to an older version',
  description: 'Copies it forward as the newest version; history stays as it is.',
  params: WorkflowParams,
  body: z.strictObject({ version: z.int().min(1).max(MAX_INT) }),
  answer: Workflow,
  errors: ['not_found'],
  example: { version: 1 },
});
