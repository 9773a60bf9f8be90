import { z } from 'zod';
import { contract, Id, JsonShape, MAX_INT, queryInt } from '#lib/contracts/contract.ts';
import { Definition } from '#lib/workflow/definition.ts';

const tag = 'Templates';

export const TemplateRow = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    category: z.string(),
    is_builtin: z.boolean(),
    tags: z.array(z.string()),
    step_count: z.int(),
    /** What it needs to run, in words; empty for nothing. */
    needs: z.array(z.string()),
    definition: Definition,
  })
  .meta({ id: 'TemplateRow' });
export type TemplateRow = z.infer<typeof TemplateRow>;

export const Template = TemplateRow.extend({
  /** JSON Schema of the parameters that installing asks for. */
  parameters: z.record(z.string(), JsonShape),
  readme: z.string(),
}).meta({ id: 'Template' });
export type Template = z.infer<typeof Template>;

export const listTemplates = contract({
  operation: 'listTemplates',
  method: 'GET',
  path: '/api/workflows/templates',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'List templates',
  query: z.object({
    category: z.string().max(50).optional(),
    is_builtin: z.enum(['true', 'false']).optional(),
    limit: queryInt().min(1).max(200).default(50),
    offset: queryInt().min(0).default(0),
  }),
  answer: z.object({ templates: z.array(TemplateRow), total: z.int() }),
});

export const getTemplate = contract({
  operation: 'getTemplate',
  method: 'GET',
  path: '/api/workflows/templates/{id}',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'Get a template',
  params: z.object({ id: Id }),
  answer: Template,
  errors: ['not_found'],
});

const ParametersShape = z.looseObject({
  type: z.literal('object').default('object'),
  properties: z.record(z.string(), z.record(z.string(), JsonShape)),
});

export const createTemplate = contract({
  operation: 'createTemplate',
  method: 'POST',
  path: '/api/workflows/templates',
  tag,
  permission: 'workflows:write',
  status: 201,
  summary: 'Save a workflow as a template',
  description:
    "Copies a version of the workflow, the newest without `version`. Each parameter has a `default`, and stands as `{{ parameter.<name> }}` in the workflow's definition.",
  maxBody: 1024 * 1024,
  body: z.strictObject({
    workflow_id: Id,
    version: z.int().min(1).max(MAX_INT).optional(),
    name: z.string().trim().min(1).max(200),
    description: z.string().trim().max(1000).default(''),
    category: z.string().trim().min(1).max(50).default('Own'),
    tags: z.array(z.string().trim().min(1).max(50)).max(20).default([]),
    parameters: ParametersShape.optional().meta({ description: 'JSON Schema of what installing asks for' }),
    readme: z.string().max(20_000).default('').meta({ description: 'Markdown: what it does, how to try it' }),
  }),
  answer: z.object({ template_id: z.string() }),
  errors: ['not_found', 'conflict', 'validation_error'],
  example: { workflow_id: 'wf_01936d3e0b7a7c3f9a1b2c3d4e5f6071', name: 'Nightly import', category: 'Data' },
});

export const deleteTemplate = contract({
  operation: 'deleteTemplate',
  method: 'DELETE',
  path: '/api/workflows/templates/{id}',
  tag,
  permission: 'workflows:write',
  status: 204,
  summary: 'Delete a template of your own',
  description: 'Workflows that were installed from it stay. A built-in template is refused with 409.',
  params: z.object({ id: Id }),
  answer: z.null(),
  errors: ['not_found', 'conflict'],
});

export const installTemplate = contract({
  operation: 'installTemplate',
  method: 'POST',
  path: '/api/workflows/templates/{id}/install',
  tag,
  permission: 'workflows:write',
  status: 201,
  summary: 'Install a template as a workflow',
  params: z.object({ id: Id }),
  bodyOptional: true,
  body: z.strictObject({ name: z.string().trim().min(1).max(200).optional(), parameters: z.record(z.string(), JsonShape).default({}) }),
  answer: z.object({ workflow_id: z.string() }),
  errors: ['not_found', 'validation_error'],
  example: { name: 'My copy' },
});
