import type { JsonObject } from '#lib/base/json.ts';
import type { Template } from '#lib/contracts/templates.ts';
import { findTemplate } from '#lib/templates/catalog.ts';
import { buildTemplate } from '#lib/templates/template.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { readDefinition } from '#lib/workflow/read-definition.ts';

/**
 * What installing with these parameters would make. While they do not make a definition yet, the template with its
 * defaults, which the server sent.
 */
export function previewTemplate(template: Template, parameters: JsonObject): Definition {
  const source = findTemplate(template.id);
  if (source === undefined) return template.definition;
  try {
    return readDefinition(buildTemplate(source, parameters));
  } catch {
    return template.definition;
  }
}
