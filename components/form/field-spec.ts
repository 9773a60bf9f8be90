import { z } from 'zod';
import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';
import type { FieldHints, StepDefinition } from '#lib/workflow/step-type.ts';

type Widget = NonNullable<FieldHints['widget']> | 'number' | 'list';

/** One field of a generated form. */
export interface FieldSpec {
  readonly key: string;
  readonly label: string;
  readonly help: string;
  readonly required: boolean;
  readonly widget: Widget;
  /** True where a value may be (or hold) a `{{ … }}`. */
  readonly template: boolean;
  /** True where the field is always one expression. */
  readonly expression: boolean;
  readonly language: FieldHints['language'] | null;
  readonly options: readonly string[];
  readonly placeholder: string;
  readonly fallback: Json | undefined;
  /** Names the choice of none. */
  readonly unset: string;
  readonly showWhen: FieldHints['showWhen'] | null;
  /** Shared by fields that exclude each other: what is chosen between them. */
  readonly choice: string | null;
  readonly advanced: boolean;
  readonly integer: boolean;
  /** Fields of each item, where the field is a list of small objects; of the object itself, where it is a group. */
  readonly items: readonly FieldSpec[];
}

/** How an expression field is known: by path of keys with `*` for every item, as `StepDefinition.expressionKeys` lists it. */
interface Reading {
  readonly expressionKeys: readonly string[];
  readonly rawKeys: readonly string[];
  readonly prefix: string;
  readonly templates: boolean;
}

const formMemo = new WeakMap<StepDefinition, readonly FieldSpec[]>();

/** The form of a step type's config, from its own schema and hints. */
export function fieldsOfType(type: StepDefinition): readonly FieldSpec[] {
  const known = formMemo.get(type);
  if (known) return known;
  const schema = z.toJSONSchema(type.config.drawn, { io: 'input', unrepresentable: 'any' }) as unknown as JsonObject;
  const made = fieldsOfSchema(schema, {
    expressionKeys: [...type.expressionKeys, ...(type.lateKeys ?? [])],
    rawKeys: type.rawKeys,
    prefix: '',
    templates: true,
  });
  formMemo.set(type, made);
  return made;
}

/** The form of a JSON Schema, such as a workflow's `input_schema`: plain values, no expressions. */
export function fieldsOfInputSchema(schema: JsonObject): readonly FieldSpec[] {
  return fieldsOfSchema(schema, { expressionKeys: [], rawKeys: [], prefix: '', templates: false });
}

function fieldsOfSchema(schema: JsonObject, reading: Reading): FieldSpec[] {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties).map(([key, property]) =>
    fieldOf(key, isJsonObject(property) ? property : {}, required.includes(key), reading),
  );
}

function fieldOf(key: string, given: JsonObject, required: boolean, reading: Reading): FieldSpec {
  const path = reading.prefix + key;
  const { schema, template } = withoutTemplate(given);
  const hints = given as FieldHints & JsonObject;
  const expression = reading.expressionKeys.includes(path);
  const items =
    hints.widget === 'group'
      ? fieldsOfSchema(schema, { ...reading, prefix: `${path}.` })
      : schema.type === 'array' && isJsonObject(schema.items) && isJsonObject(withoutTemplate(schema.items).schema.properties)
        ? fieldsOfSchema(withoutTemplate(schema.items).schema, { ...reading, prefix: `${path}.*.` })
        : [];
  return {
    key,
    label: typeof given.title === 'string' ? given.title : words(key),
    help: typeof given.description === 'string' ? given.description : '',
    required: required && given.default === undefined,
    widget: widgetOf(hints.widget, schema, expression, items.length > 0),
    template: reading.templates && !reading.rawKeys.includes(path) && (template || hints.widget === 'key-value' || hints.widget === 'json'),
    expression,
    language: hints.language ?? null,
    options: optionsOf(schema),
    placeholder: placeholderOf(given.examples),
    fallback: given.default,
    unset: hints.unset ?? 'Default',
    showWhen: hints.showWhen ?? null,
    choice: hints.choice ?? null,
    advanced: hints.advanced === true,
    integer: schema.type === 'integer',
    items,
  };
}

/** A field's own schema, without the alternative that lets it hold a template. */
function withoutTemplate(schema: JsonObject): { schema: JsonObject; template: boolean } {
  if (!Array.isArray(schema.anyOf)) return { schema, template: false };
  const choices = schema.anyOf.filter(isJsonObject);
  const others = choices.filter((choice) => !(typeof choice.pattern === 'string' && choice.pattern.startsWith('\\{\\{')));
  const [only, second] = others;
  const template = others.length < choices.length;
  return { schema: only !== undefined && second === undefined ? { ...schema, ...withoutTemplate(only).schema } : schema, template };
}

function widgetOf(hint: FieldHints['widget'], schema: JsonObject, expression: boolean, isList: boolean): Widget {
  if (hint === 'code') return 'code';
  if (hint === 'cases') return 'list';
  if (hint !== undefined) return hint;
  if (expression) return 'expression';
  if (isList) return 'list';
  if (optionsOf(schema).length > 0) return 'select';
  if (schema.type === 'boolean') return 'toggle';
  if (schema.type === 'number' || schema.type === 'integer') return 'number';
  if (schema.type === 'string') return 'text';
  if (schema.type === 'object' && schema.additionalProperties !== undefined && schema.properties === undefined) return 'key-value';
  return 'json';
}

function optionsOf(schema: JsonObject): string[] {
  return Array.isArray(schema.enum) ? schema.enum.filter((value) => typeof value === 'string') : [];
}

function placeholderOf(examples: Json | undefined): string {
  const [example] = Array.isArray(examples) ? examples : [];
  if (example === undefined) return '';
  return typeof example === 'string' ? example : JSON.stringify(example);
}

/** `max_pages` → `Max pages`. */
function words(key: string): string {
  const text = key.replaceAll(/[_-]+/g, ' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** True while a conditional field belongs to what the other fields say. */
export function isShown(field: FieldSpec, value: JsonObject, fields: readonly FieldSpec[]): boolean {
  if (field.showWhen === null || field.showWhen === undefined) return true;
  if ('anyOf' in field.showWhen) return value[field.key] !== undefined || field.showWhen.anyOf.some((key) => value[key] !== undefined);
  const { field: other, is } = field.showWhen;
  const current = value[other] ?? fields.find((candidate) => candidate.key === other)?.fallback;
  // An expression may come out as anything: what depends on it stays visible.
  if (typeof current === 'string' && current.includes('{{')) return true;
  return is.some((wanted) => wanted === current);
}

/** The value without the fields that go only with others which it does not hold: what a choice leaves behind. */
export function withoutLeftovers(value: JsonObject, fields: readonly FieldSpec[]): JsonObject {
  const alone = fields.filter(({ showWhen }) => showWhen && 'anyOf' in showWhen && !showWhen.anyOf.some((key) => value[key] !== undefined));
  return Object.fromEntries(Object.entries(value).filter(([key]) => !alone.some((field) => field.key === key)));
}
