import { jsonEqual } from '#lib/base/json.ts';
import type { Definition } from './definition.ts';
import { type EditResult, refused } from './edit-edges.ts';

/** New values by key; `null` removes the key, an absent key stays as it is. */
export type Changes<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> | null };

/** An object with changes applied; the same object when they change nothing. */
export function withChanges<T extends object>(target: T, changes: Changes<Partial<T>>): T {
  let changed = false;
  const next: Record<string, unknown> = { ...(target as Record<string, unknown>) };
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined || jsonEqual(next[key], value)) continue;
    if (value === null) {
      if (next[key] === undefined) continue;
      delete next[key];
    } else {
      next[key] = value;
    }
    changed = true;
  }
  return changed ? (next as T) : target;
}

const WORKFLOW_KEYS = [
  'name',
  'description',
  'input_schema',
  'output',
  'on_error',
  'success_policy',
  'timeout',
  'concurrency',
] as const satisfies readonly (keyof Definition)[];

/** Changes fields of the workflow itself. The name can't be removed; steps, notes and groups have edits of their own. */
export function updateWorkflow(definition: Definition, changes: Changes<Omit<Definition, 'steps' | 'notes' | 'groups'>>): EditResult {
  const unknown = Object.keys(changes).find((key) => !(WORKFLOW_KEYS as readonly string[]).includes(key));
  if (unknown !== undefined) return refused('unknown_key', `A workflow has no field '${unknown}' that this edit could set`);
  if (changes.name === null) return refused('required', 'A workflow needs a name', '/name');
  return { ok: true, definition: withChanges(definition, changes as Changes<Partial<Definition>>) };
}
