import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { idFromUuid, uuidv7 } from '#lib/base/ids.ts';
import { escapePointer, type JsonObject } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { createTemplate as contract } from '#lib/contracts/templates.ts';
import { database } from '#lib/db/client.ts';
import { insertTemplate } from '#lib/db/templates.ts';
import { buildTemplate, type WorkflowTemplate, withDefaults } from '#lib/templates/template.ts';
import { audit } from './audit.ts';
import { PATIENCE } from './change-workflow.ts';
import { inputProblems } from './check-input.ts';
import { loadWorkflow } from './load-workflow.ts';
import { requireValid } from './require-valid.ts';
import { loadVersion } from './version-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

const NO_PARAMETERS = { type: 'object', additionalProperties: false, properties: {} };

/** Keeps a version of a workflow as a template of the workspace. With its defaults it must be a valid definition. */
export async function createTemplate(access: Access, { body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workflow = await loadWorkflow(access, body.workflow_id);
  if (workflow.version === 0) throw new AppError('conflict', 'The workflow has no version yet; save one first.');
  const version = await loadVersion(workflow.uuid, body.version ?? workflow.version);
  const { name, description, category, tags, readme } = body;
  const made = {
    uuid: uuidv7(),
    workspaceUuid: workspaceUuid(access),
    ...{ name, description, category, readme, tags: [...new Set(tags)], createdBy: access.actor.name },
    parameters: (body.parameters ?? NO_PARAMETERS) as unknown as WorkflowTemplate['parameters'],
    definition: version.definition as unknown as JsonObject,
  };
  const id = idFromUuid('tpl', made.uuid);
  requireDefaults({ ...made, id, needs: [] });
  await database().$transaction(async (client) => {
    if (!(await insertTemplate(client, made))) throw new AppError('conflict', `There is a template with the name '${name}' already.`);
    await audit(client, access, 'template.created', id, { name, workflow_id: workflow.id, version: version.number });
  }, PATIENCE);
  return { template_id: id };
}

/** Without a default the gallery could not show what it makes, and a default that does not fit could not be installed. */
function requireDefaults(template: WorkflowTemplate): void {
  const details = Object.entries(template.parameters.properties)
    .filter(([, schema]) => schema.default === undefined)
    .map(([parameter]) => ({
      path: `/parameters/properties/${escapePointer(parameter)}/default`,
      code: 'no_default',
      message: `The parameter '${parameter}' needs a default`,
    }));
  details.push(
    ...inputProblems(template.parameters, withDefaults(template, {})).map((one) => ({ ...one, path: `/parameters${one.path}` })),
  );
  if (details[0] !== undefined) throw new AppError('validation_error', details[0].message, { details });
  requireValid(buildTemplate(template, {}));
}
