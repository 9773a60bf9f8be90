import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { TemplateRow } from '#lib/contracts/templates.ts';
import { findTemplateRecord, type TemplateRecord } from '#lib/db/templates.ts';
import { findTemplate } from '#lib/templates/catalog.ts';
import { buildTemplate, type WorkflowTemplate } from '#lib/templates/template.ts';
import { readDefinition } from '#lib/workflow/read-definition.ts';
import { workspaceUuid } from './workspace-uuid.ts';

export function noTemplate(): AppError {
  return new AppError('not_found', 'There is no such template.');
}

/** A template that comes with the product, or one of the workspace; throws `not_found`. */
export async function loadTemplate(access: Access, id: string): Promise<{ template: WorkflowTemplate; row: TemplateRow }> {
  const builtIn = findTemplate(id);
  if (builtIn !== undefined) return { template: builtIn, row: builtInRow(builtIn) };
  const record = await findTemplateRecord(workspaceUuid(access), id);
  if (record === null) throw noTemplate();
  return { template: ownTemplate(record), row: ownRow(record) };
}

const rows = new WeakMap<WorkflowTemplate, TemplateRow>();

/** A built-in template as the gallery shows it. Made once for each. */
export function builtInRow(template: WorkflowTemplate): TemplateRow {
  let row = rows.get(template);
  if (row === undefined) {
    row = rowOf(template, true);
    rows.set(template, row);
  }
  return row;
}

/** A template of the workspace as the gallery shows it. */
export function ownRow(record: TemplateRecord): TemplateRow {
  return rowOf(ownTemplate(record), false);
}

function ownTemplate(record: TemplateRecord): WorkflowTemplate {
  return { ...record, needs: [], parameters: record.parameters as WorkflowTemplate['parameters'] };
}

/** Its blanks are filled with their defaults. */
function rowOf(template: WorkflowTemplate, builtIn: boolean): TemplateRow {
  const definition = readDefinition(buildTemplate(template, {}));
  const { id, name, description, category } = template;
  const [tags, needs] = [[...template.tags], [...template.needs]];
  return { id, name, description, category, is_builtin: builtIn, tags, step_count: definition.steps.length, needs, definition };
}
