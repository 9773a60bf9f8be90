import type { Json } from '#lib/base/json.ts';
import { testCatalog } from './test-catalog.ts';
import { validateDefinition } from './validate.ts';

/** Definitions for the tests of validation, and its findings in short. */
export const fetch = { id: 'fetch', type: 'http_request', config: { url: 'https://api.example.com' } };
export function step(id: string, depends_on: Json = [], more: Record<string, Json> = {}): Record<string, Json> {
  return { id, type: 'transform', depends_on, ...more };
}
export function workflow(steps: readonly unknown[], more: Record<string, unknown> = {}): { name: string; steps: unknown[] } {
  return { name: 'Test', steps: [...steps], ...more };
}
/** `step path code` of each error (or warning), in order. */
export function errorsOf(value: unknown): string[] {
  return validateDefinition(value, testCatalog).errors.map((one) => `${one.step ?? '-'} ${one.path} ${one.code}`);
}
export function warningsOf(value: unknown): string[] {
  return validateDefinition(value, testCatalog).warnings.map((one) => `${one.step ?? '-'} ${one.path} ${one.code}`);
}
export function messages(value: unknown): string[] {
  const { errors, warnings } = validateDefinition(value, testCatalog);
  return [...errors, ...warnings].map((one) => one.message);
}
