import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { JsonObject } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { installTemplate as contract } from '#lib/contracts/templates.ts';
import { buildTemplate, type WorkflowTemplate, withDefaults } from '#lib/templates/template.ts';
import { inputProblems } from './check-input.ts';
import { insertNewWorkflow } from './create-workflow.ts';
import { requireValid } from './require-valid.ts';
import { loadTemplate } from './template-view.ts';

/** Makes a workflow of a template, its blanks filled. Throws `validation_error` with the path of each parameter that does not fit. */
export async function installTemplate(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { template } = await loadTemplate(access, params.id);
  const parameters = body.parameters as JsonObject;
  requireParameters(template, parameters);
  const built = buildTemplate(template, parameters);
  const definition = requireValid(body.name === undefined ? built : { ...built, name: body.name });
  const made = { trigger_type: 'manual' as const, tags: [...template.tags], draft: false };
  return { workflow_id: await insertNewWorkflow(access, definition, made) };
}

function requireParameters(template: WorkflowTemplate, parameters: JsonObject): void {
  const problems = inputProblems(template.parameters, withDefaults(template, parameters));
  const first = problems[0];
  if (first === undefined) return;
  const details = problems.map((problem) => ({ ...problem, path: `/parameters${problem.path}` }));
  throw new AppError('validation_error', `${details[0]?.path}: ${first.message}`, { details });
}
