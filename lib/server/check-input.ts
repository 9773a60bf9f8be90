import { createContext, Script } from 'node:vm';
import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema';
import { AppError, errorMessage } from '#lib/base/errors.ts';
import { escapePointer, type Json, type JsonObject } from '#lib/base/json.ts';
import type { Problem } from '#lib/base/problem.ts';

/** Keywords whose error only says that one further down failed. */
const WRAPPERS = new Set([
  '$ref',
  '$recursiveRef',
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'prefixItems',
  'items',
  'additionalItems',
  'unevaluatedItems',
  'allOf',
  'dependentSchemas',
]);
const MOST_PROBLEMS = 100;
/** Milliseconds that a schema may take: its patterns may backtrack, and its references double, without end. */
const PATIENCE_MS = 250;

/**
 * Refuses an input that does not fit the definition's `input_schema` (JSON Schema 2020-12): `validation_error` with the
 * path of each fault in the input. A schema that cannot be applied (a reference to nowhere, or to itself) is said too.
 */
export function requireInput(schema: JsonObject | undefined, input: Json): void {
  if (schema === undefined) return;
  const problems = inputProblems(schema, input);
  if (problems.length === 0) return;
  const first = problems[0];
  throw new AppError('validation_error', `The input does not fit: ${first?.path || 'input'}: ${first?.message}`, { details: problems });
}

/** What is wrong with an input, by path. */
export function inputProblems(schema: JsonObject, input: Json): Problem[] {
  return schemaProblems(schema, input, "the workflow's input_schema");
}

/** What is wrong with a value by a schema, which is called `what` where it can't be applied. */
export function schemaProblems(schema: JsonObject, input: Json, what: string): Problem[] {
  return check(schema, [input], what)[0] ?? [];
}

/** Values checked under one time limit. */
const CHUNK = 50;

/** What is wrong with each of many inputs, by path. Much faster than one by one, because every start of the clock costs. */
export function inputProblemsOfEach(schema: JsonObject, inputs: readonly Json[]): Problem[][] {
  const found: Problem[][] = [];
  for (let at = 0; at < inputs.length; at += CHUNK) {
    const chunk = check(schema, inputs.slice(at, at + CHUNK), "the workflow's input_schema");
    found.push(...chunk);
    // The schema can't be applied, and would take its time with every other chunk too.
    if (chunk.some((problems) => problems[0]?.code === 'bad_input_schema')) return found;
  }
  return found;
}

/** Up to the value at which the schema could not be applied. */
function check(schema: JsonObject, inputs: readonly Json[], what: string): Problem[][] {
  const found: Problem[][] = [];
  try {
    withinTime(() => {
      const validator = validatorOf(schema);
      for (const input of inputs) found.push(problemsOf(validator.validate(input).errors));
    });
  } catch (error) {
    found.push([{ path: '', code: 'bad_input_schema', message: `${capital(what)} can't be applied: ${reasonOf(error)}` }]);
  }
  return found;
}

/** Schemas belong to definitions, which are kept in memory and never change. */
const validators = new WeakMap<JsonObject, Validator>();

function validatorOf(schema: JsonObject): Validator {
  let validator = validators.get(schema);
  if (validator === undefined) {
    // The library writes into the schema it is given.
    validator = new Validator(structuredClone(schema) as Schema, '2020-12', false);
    validators.set(schema, validator);
  }
  return validator;
}

function problemsOf(errors: readonly OutputUnit[]): Problem[] {
  if (errors.length === 0) return [];
  const mistyped = new Set(errors.filter((error) => error.keyword === 'type').map((error) => error.instanceLocation));
  // A value of the wrong type fails every other keyword too; only the type says something.
  const telling = errors.filter((error) => error.keyword === 'type' || !mistyped.has(error.instanceLocation));
  return telling
    .filter((error) => !WRAPPERS.has(error.keyword))
    .slice(0, MOST_PROBLEMS)
    .map(toProblem);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'it refers to itself without end';
  if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return `it took longer than ${PATIENCE_MS} ms on this input`;
  return errorMessage(error).split('\n', 1)[0] ?? '';
}

const call = new Script('work()');
// Made once: a context takes longer to make than most inputs take to check.
const box: { work: () => void } = { work: () => {} };
const context = createContext(box);

/** Ends the work after `PATIENCE_MS`. Only a script of `node:vm` can be stopped, in the middle of a regular expression too. */
function withinTime(work: () => void): void {
  box.work = work;
  try {
    call.runInContext(context, { timeout: PATIENCE_MS });
  } finally {
    box.work = () => {};
  }
}

function toProblem(error: OutputUnit): Problem {
  const path = decodeURI(error.instanceLocation.slice(1));
  const code = `input_${error.keyword.toLowerCase()}`;
  if (error.keyword === 'required') {
    const name = /required property "(.*)"\.$/s.exec(error.error)?.[1] ?? '';
    return { path: `${path}/${escapePointer(name)}`, code, message: 'This is required' };
  }
  if (error.keyword === 'false') return { path, code: 'input_not_allowed', message: 'This is not allowed here' };
  return { path, code, message: error.error.replace(/^Instance (type )?/, 'The value ').replace(/\.$/, '') };
}
