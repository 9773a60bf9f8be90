import { parseDuration } from '#lib/base/duration.ts';
import { isJsonObject, type Json, toPointer } from '#lib/base/json.ts';
import { type Checked, report } from './findings.ts';

/** What the workflow says beside its steps: output, success policy, timeout, input schema, notes and groups. */
export function checkWorkflow(checked: Checked): void {
  const { definition, index, errors } = checked;
  const known = (id: string, path: string, code: string, what: string) => {
    if (!index.has(id)) report(errors, { path, code, message: `${what} '${id}', which doesn't exist` });
  };
  if (definition.output !== undefined) known(definition.output, '/output', 'unknown_output', 'The output is that of');
  definition.success_policy?.cases.forEach((one, at) => {
    one.required.forEach((id, place) => {
      known(id, `/success_policy/cases/${at}/required/${place}`, 'unknown_policy_step', 'The success policy requires');
    });
  });
  definition.success_policy?.optional?.forEach((id, place) => {
    known(id, `/success_policy/optional/${place}`, 'unknown_policy_step', 'The success policy names');
  });
  if (definition.timeout !== undefined && parseDuration(definition.timeout) === 0) {
    report(errors, { path: '/timeout', code: 'timeout_zero', message: 'A timeout must be longer than 0' });
  }
  checkCanvas(checked);
  if (definition.input_schema !== undefined) checkInputSchema(checked, definition.input_schema);
}

function checkCanvas({ definition, index, errors }: Checked): void {
  for (const kind of ['notes', 'groups'] as const) {
    const seen = new Set<string>();
    definition[kind]?.forEach((item, at) => {
      if (seen.has(item.id)) {
        report(errors, { path: `/${kind}/${at}/id`, code: 'duplicate_id', message: `Two ${kind} have the id '${item.id}'` });
      }
      seen.add(item.id);
    });
  }
  definition.groups?.forEach((group, at) => {
    group.steps.forEach((id, place) => {
      if (index.has(id)) return;
      const message = `Group '${group.name}' holds '${id}', which doesn't exist`;
      report(errors, { path: `/groups/${at}/steps/${place}`, code: 'unknown_group_step', message });
    });
  });
}

const TYPES: ReadonlySet<Json> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAPS = ['properties', 'patternProperties', '$defs', 'dependentSchemas'];
const SCHEMAS = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'];

/** The keywords of JSON Schema 2020-12 that would otherwise surprise at the first run: types, shapes, patterns. */
function checkInputSchema({ errors }: Checked, schema: Json): void {
  const stack: { readonly value: Json; readonly path: readonly string[] }[] = [{ value: schema, path: ['input_schema'] }];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { value, path } = at;
    const wrong = (key: string, message: string) =>
      report(errors, { path: toPointer([...path, key]), code: 'invalid_schema', message: `In a JSON Schema, '${key}' ${message}` });
    if (!isJsonObject(value)) {
      if (typeof value !== 'boolean')
        report(errors, { path: toPointer(path), code: 'invalid_schema', message: 'Must be a JSON Schema: an object, true or false' });
      continue;
    }
    const own = (key: string): Json | undefined => (Object.hasOwn(value, key) ? value[key] : undefined);
    const type = own('type');
    const types = Array.isArray(type) ? (type as readonly Json[]) : type === undefined ? [] : [type];
    if (!types.every((one) => TYPES.has(one))) wrong('type', `must be one of ${[...TYPES].join(', ')}, or a list of them`);
    const required = own('required');
    if (required !== undefined && !(Array.isArray(required) && required.every((one) => typeof one === 'string'))) {
      wrong('required', 'must be a list of names');
    }
    if (own('enum') !== undefined && !Array.isArray(own('enum'))) wrong('enum', 'must be a list');
    const pattern = own('pattern');
    if (pattern !== undefined && !(typeof pattern === 'string' && isPattern(pattern))) wrong('pattern', 'must be a regular expression');
    for (const key of LISTS) {
      const list = own(key);
      if (Array.isArray(list)) stack.push(...list.map((value: Json, place) => ({ value, path: [...path, key, String(place)] })));
      else if (list !== undefined) wrong(key, 'must be a list of schemas');
    }
    for (const key of MAPS) {
      const map = own(key);
      if (isJsonObject(map)) for (const [name, one] of Object.entries(map)) stack.push({ value: one, path: [...path, key, name] });
      else if (map !== undefined) wrong(key, 'must be an object of schemas');
    }
    for (const key of SCHEMAS) {
      const one = own(key);
      if (one !== undefined) stack.push({ value: one, path: [...path, key] });
    }
  }
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}
