import { errorMessage } from '#lib/base/errors.ts';
import { isJsonObject, type JsonObject } from '#lib/base/json.ts';
import { plural } from '#lib/client/format.ts';

export interface ReadImport {
  readonly definition: JsonObject | null;
  /** One line about what was found. */
  readonly summary: string | null;
  readonly error: string | null;
}

const NOTHING: ReadImport = { definition: null, summary: null, error: null };

/** Finds the definition in pasted text: the definition itself, or an object that carries one under `definition`. */
export function readImport(text: string): ReadImport {
  if (text.trim() === '') return NOTHING;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    return { ...NOTHING, error: `This is not JSON: ${errorMessage(thrown)}` };
  }
  const found = isJsonObject(value) && isJsonObject(value.definition) ? value.definition : value;
  if (!isJsonObject(found)) return { ...NOTHING, error: 'A definition is a JSON object with a name and steps.' };
  const steps = Array.isArray(found.steps) ? plural(found.steps.length, 'step') : 'no steps';
  const name = typeof found.name === 'string' ? found.name : 'No name';
  return { definition: found, summary: `${name} · ${steps}`, error: null };
}
