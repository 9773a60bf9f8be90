import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { isPlainName } from '#lib/workflow/expression.ts';
import type { ScopeValues, StepValue } from '#lib/workflow/expression-scope.ts';
import { type StepCatalog, stepType } from '#lib/workflow/step-type.ts';
import { upstreamIds } from './upstream-ids.ts';

/** A path that an expression may read, with a value to show. */
export interface ReachableValue {
  /** As it is typed: `steps.fetch.output.body.id`. */
  readonly path: string;
  readonly value: Json | undefined;
}

/** What a field's expressions may read, and values to try them on. */
export interface ValuesInReach {
  readonly scope: ScopeValues;
  readonly values: readonly ReachableValue[];
  /** Where the values come from, in words: `last run` or `example`. */
  readonly source: string;
}

export interface LastRun {
  readonly input: Json;
  readonly outputs: ReadonlyMap<string, Json>;
}

/** Nested values are listed this deep; deeper ones are found by typing on. */
const MAX_DEPTH = 3;
const MAX_KEYS = 40;

/** What the expressions of a step may read: the input, what is upstream, and the run itself. */
export function valuesInReach(
  definition: Definition,
  catalog: StepCatalog,
  stepId: string | null,
  lastRun: LastRun | null,
  secrets: readonly string[] = [],
): ValuesInReach {
  const ids: ReadonlySet<string> = stepId === null ? new Set(definition.steps.map((step) => step.id)) : upstreamIds(definition, stepId);
  const steps: Record<string, StepValue> = Object.create(null);
  for (const step of definition.steps) {
    if (!ids.has(step.id)) continue;
    const output = lastRun?.outputs.get(step.id) ?? stepType(catalog, step.type)?.exampleOutput;
    steps[step.id] = { status: 'completed', branch: null, ...(output === null || output === undefined ? {} : { output }) };
  }
  const input = lastRun?.input ?? exampleInput(definition.input_schema);
  const scope: ScopeValues = {
    input,
    steps,
    run: { id: 'run_example', trigger: 'manual' },
    workflow: { name: definition.name },
    // Their values are the worker's alone.
    secrets: Object.fromEntries(secrets.map((name) => [name, '[SECRET]'])),
    // The built-in mock server is part of the instance that serves this page.
    mock: { url: `${globalThis.location?.origin ?? ''}/mock` },
  };
  return { scope, values: listValues(scope), source: isFromRun(ids, lastRun) ? 'last run' : 'example' };
}

/** A step that has no output in the run stands with an example: then the whole is one. */
function isFromRun(ids: ReadonlySet<string>, lastRun: LastRun | null): boolean {
  return lastRun !== null && [...ids].every((id) => lastRun.outputs.has(id));
}

function listValues(scope: ScopeValues): ReachableValue[] {
  const values: ReachableValue[] = [];
  if (scope.input !== undefined) walk('input', scope.input, 0, values);
  for (const [id, step] of Object.entries(scope.steps ?? {})) {
    const base = `steps.${isPlainName(id) ? id : `\`${id}\``}`;
    walk(`${base}.output`, step.output, 0, values);
    values.push({ path: `${base}.status`, value: step.status }, { path: `${base}.error`, value: undefined });
  }
  values.push(
    { path: 'run.id', value: scope.run?.id },
    { path: 'workflow.name', value: scope.workflow?.name },
    { path: 'mock.url', value: scope.mock?.url },
    ...Object.keys(scope.secrets ?? {}).map((name) => ({ path: `secrets.${name}`, value: undefined })),
  );
  return values;
}

function walk(path: string, value: Json | undefined, depth: number, into: ReachableValue[]): void {
  into.push({ path, value });
  if (depth >= MAX_DEPTH || !isJsonObject(value)) return;
  for (const [key, member] of Object.entries(value).slice(0, MAX_KEYS)) {
    walk(`${path}.${isPlainName(key) ? key : `\`${key}\``}`, member, depth + 1, into);
  }
}

/** An input that a schema describes: defaults and examples where it gives them, else an empty value of the kind. */
export function exampleInput(schema: JsonObject | undefined): Json {
  if (schema === undefined) return {};
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(schema.examples) && schema.examples[0] !== undefined) return schema.examples[0];
  if (Array.isArray(schema.enum) && schema.enum[0] !== undefined) return schema.enum[0];
  if (schema.type === 'string') return '';
  if (schema.type === 'number' || schema.type === 'integer') return 0;
  if (schema.type === 'boolean') return false;
  if (schema.type === 'array') return [];
  const made: Record<string, Json> = {};
  for (const [key, property] of Object.entries(isJsonObject(schema.properties) ? schema.properties : {})) {
    made[key] = exampleInput(isJsonObject(property) ? property : {});
  }
  return made;
}
