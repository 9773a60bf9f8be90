import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';

/** One parameter of a template, read from its JSON Schema. */
export interface Parameter {
  readonly name: string;
  readonly label: string;
  readonly help: string | null;
  readonly required: boolean;
  readonly kind: 'text' | 'long-text' | 'number' | 'toggle' | 'choice' | 'json';
  readonly choices: readonly string[];
  readonly initial: string | boolean;
  readonly schema: JsonObject;
}

/** Values as the form holds them: text of every field, or on and off. */
export type ParameterValues = Readonly<Record<string, string | boolean>>;

/** Text longer than this gets a field of several lines. */
const LONG_TEXT = 200;

/** The parameters in the order in which the schema lists them. */
export function readParameters(schema: Readonly<Record<string, Json>>): readonly Parameter[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(isJsonObject(schema.properties) ? schema.properties : {}).map(([name, part]) => {
    const property = isJsonObject(part) ? part : {};
    const kind = kindOf(property);
    return {
      name,
      label: typeof property.title === 'string' ? property.title : name,
      help: typeof property.description === 'string' ? property.description : null,
      required: required.includes(name) && kind !== 'toggle',
      kind,
      choices: Array.isArray(property.enum) ? property.enum.map(String) : [],
      initial: initialOf(property, kind),
      schema: property,
    };
  });
}

function kindOf(property: JsonObject): Parameter['kind'] {
  if (Array.isArray(property.enum)) return 'choice';
  if (property.type === 'boolean') return 'toggle';
  if (property.type === 'integer' || property.type === 'number') return 'number';
  if (property.type === 'string') return Number(property.maxLength ?? 0) > LONG_TEXT ? 'long-text' : 'text';
  return 'json';
}

function initialOf(property: JsonObject, kind: Parameter['kind']): string | boolean {
  const initial = property.default;
  if (kind === 'toggle') return initial === true;
  if (initial === undefined) return '';
  return typeof initial === 'string' ? initial : JSON.stringify(initial);
}

/** Turns the form's values into what Install is sent; faults by `parameters.<name>`. Empty optional fields are left out. */
export function writeParameters(parameters: readonly Parameter[], values: ParameterValues) {
  const errors: Record<string, string> = {};
  const written: Record<string, Json> = {};
  for (const parameter of parameters) {
    const value = values[parameter.name] ?? parameter.initial;
    if (typeof value === 'boolean') {
      written[parameter.name] = value;
    } else if (value.trim() === '') {
      if (parameter.required) errors[`parameters.${parameter.name}`] = `${parameter.label} is required`;
    } else {
      const read = readValue(parameter, value);
      if (read === undefined) errors[`parameters.${parameter.name}`] = parameter.kind === 'number' ? 'Must be a number' : 'Must be JSON';
      else written[parameter.name] = read;
    }
  }
  return { errors, written };
}

function readValue(parameter: Parameter, text: string): Json | undefined {
  if (parameter.kind === 'number') return Number.isFinite(Number(text)) ? Number(text) : undefined;
  if (parameter.kind === 'choice') {
    const choices = Array.isArray(parameter.schema.enum) ? parameter.schema.enum : [];
    return choices.find((choice) => String(choice) === text) ?? text;
  }
  if (parameter.kind !== 'json') return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
