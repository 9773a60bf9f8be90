import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';

/** The input that a workflow was last started with in this browser tab, so that it needn't be typed again. */

const KEY = 'weftline-input:';

export function rememberInput(workflowId: string, input: Json): void {
  try {
    window.sessionStorage.setItem(KEY + workflowId, JSON.stringify(input));
  } catch {
    // A full or forbidden storage loses a convenience and nothing else.
  }
}

export function rememberedInput(workflowId: string): Json | null {
  try {
    const text = window.sessionStorage.getItem(KEY + workflowId);
    return text === null ? null : (JSON.parse(text) as Json);
  } catch {
    return null;
  }
}

/**
 * What a form for this schema begins with: defaults, and `false` where a yes or no must be given, as the switch shows it.
 * Nothing else: an empty text would count as given.
 */
export function firstInput(schema: JsonObject | undefined): Json {
  if (schema === undefined) return {};
  if (schema.default !== undefined) return schema.default;
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.fromEntries(
    Object.entries(isJsonObject(schema.properties) ? schema.properties : {}).flatMap(([key, property]): [string, Json][] => {
      if (!isJsonObject(property)) return [];
      if (property.default !== undefined) return [[key, property.default]];
      return property.type === 'boolean' && required.includes(key) ? [[key, false]] : [];
    }),
  );
}
