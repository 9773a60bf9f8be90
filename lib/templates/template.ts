import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';
import { scanExpression } from '#lib/workflow/expression-lexer.ts';
import { splitTemplate } from '#lib/workflow/template.ts';

/** A workflow to start from: a definition with blanks that installing fills in. Plain data. */
export interface WorkflowTemplate {
  /** `tpl_…`, stable for good. */
  readonly id: string;
  readonly name: string;
  /** One or two sentences for the gallery. */
  readonly description: string;
  readonly category: string;
  readonly tags: readonly string[];
  /** What it needs to run, in words; empty where it runs as it is. */
  readonly needs: readonly string[];
  /** JSON Schema of an object: a property for each blank, with title, description and default. */
  readonly parameters: JsonObject & { readonly properties: Readonly<Record<string, JsonObject>> };
  /** Markdown: what it does, how to try it, what to change first. */
  readonly readme: string;
  /**
   * The definition. Inside `{{ … }}`, `parameter.<name>` stands for a blank: alone it becomes the value itself, with its
   * type; within a longer expression it becomes a literal; within a text, text.
   */
  readonly definition: JsonObject;
}

/** The parameters given, and the defaults of those that were not. */
export function withDefaults(template: WorkflowTemplate, given: JsonObject): JsonObject {
  const defaults = Object.entries(template.parameters.properties).flatMap(([name, schema]): [string, Json][] =>
    schema.default === undefined ? [] : [[name, schema.default]],
  );
  return { ...Object.fromEntries(defaults), ...given };
}

/**
 * The definition with its blanks filled. Whether the parameters fit their schema, and the definition the rules, is for
 * the caller to check: a blank without a value leaves its key out.
 */
export function buildTemplate(template: WorkflowTemplate, parameters: JsonObject): JsonObject {
  return fill(template.definition, withDefaults(template, parameters)) as JsonObject;
}

function fill(value: Json, parameters: JsonObject): Json | undefined {
  if (typeof value === 'string') return fillText(value, parameters);
  if (Array.isArray(value)) return value.map((item) => fill(item, parameters)).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]): [string, Json][] => {
      const filled = fill(member, parameters);
      return filled === undefined ? [] : [[key, filled]];
    }),
  );
}

function fillText(text: string, parameters: JsonObject): Json | undefined {
  const { parts } = splitTemplate(text);
  const pieces = parts.map((part): { readonly value: Json | undefined } => {
    if (part.kind === 'text') return { value: part.text };
    const alone = /^\s*parameter\.([A-Za-z_][A-Za-z0-9_]*)\s*$/.exec(part.source)?.[1];
    if (alone !== undefined) return { value: Object.hasOwn(parameters, alone) ? parameters[alone] : undefined };
    return { value: `{{${fillExpression(part.source, parameters)}}}` };
  });
  if (pieces.length === 1) return pieces[0]?.value;
  return pieces.map(({ value }) => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value))).join('');
}

/** Writes each `parameter.<name>` of an expression as a literal; one without a value as null. */
function fillExpression(source: string, parameters: JsonObject): string {
  const { tokens } = scanExpression(source);
  const word = (at: number): string => source.slice(tokens[at]?.start, tokens[at]?.end);
  let filled = '';
  let copied = 0;
  for (let at = 0; at + 2 < tokens.length; at += 1) {
    const [first, , name] = tokens.slice(at, at + 3);
    if (first?.kind !== 'name' || word(at) !== 'parameter' || word(at + 1) !== '.' || name?.kind !== 'name') continue;
    if (at > 0 && word(at - 1) === '.') continue;
    const value = Object.hasOwn(parameters, word(at + 2)) ? parameters[word(at + 2)] : null;
    filled += source.slice(copied, first.start) + JSON.stringify(value ?? null);
    copied = name.end;
  }
  return filled + source.slice(copied);
}
