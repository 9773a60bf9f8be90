import { AppError } from '#lib/base/errors.ts';
import type { TemplateRow } from '#lib/contracts/templates.ts';
import { findTemplate } from '#lib/templates/catalog.ts';
import { buildTemplate, type WorkflowTemplate } from '#lib/templates/template.ts';
import { readDefinition } from '#lib/workflow/read-definition.ts';

/** The built-in template of an id; throws `not_found`. */
export function loadTemplate(id: string): WorkflowTemplate {
  const template = findTemplate(id);
  if (template === undefined) throw new AppError('not_found', 'There is no such template.');
  return template;
}

const rows = new WeakMap<WorkflowTemplate, TemplateRow>();

/** A template as the gallery shows it, its blanks filled with their defaults. Made once for each. */
export function templateRow(template: WorkflowTemplate): TemplateRow {
  let row = rows.get(template);
  if (row === undefined) {
    const definition = readDefinition(buildTemplate(template, {}));
    const { id, name, description, category } = template;
    const [tags, needs] = [[...template.tags], [...template.needs]];
    row = { id, name, description, category, is_builtin: true, tags, step_count: definition.steps.length, needs, definition };
    rows.set(template, row);
  }
  return row;
}
