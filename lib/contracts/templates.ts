import { z } from 'zod';
import { contract, Id, JsonShape, queryInt } from '#lib/contracts/contract.ts';
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
