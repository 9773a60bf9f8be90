import { healthCheck } from './health-check.ts';
import { syncPagedApi } from './sync-paged-api.ts';
import type { WorkflowTemplate } from './template.ts';

/** Every built-in template, in the order of the gallery. */
export const templateCatalog: readonly WorkflowTemplate[] = Object.freeze([syncPagedApi, healthCheck]);

/** The built-in template of an id, or undefined. */
export function findTemplate(id: string): WorkflowTemplate | undefined {
  return templateCatalog.find((template) => template.id === id);
}
