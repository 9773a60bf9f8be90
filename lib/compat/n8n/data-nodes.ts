import type { Json, JsonObject } from '#lib/base/json.ts';
import { codeStep } from './code-node.ts';
import { expression, jsonTemplate, type Scope, template } from './expressions.ts';
import { type NodeScope, type NodeTranslator, type TranslatedStep, valueStep } from './node-translator.ts';
import { at, list, type N8nNode, record, text } from './workflow-file.ts';

const own = () => '';

/** Set, or Edit Fields. */
const setNode: NodeTranslator = {
  gives: own,
  step(node, scope) {
    const { parameters } = node;
    const keeps = node.version >= 3 ? keepsOthers(parameters) : parameters.keepOnlySet !== true;
    let fields: JsonObject;
    if (parameters.mode === 'raw') {
      const value = jsonTemplate(text(parameters.jsonOutput), scope);
      if (value === null) {
        scope.review('Its JSON can’t be read');
        return { type: 'transform', config: { fields: {} } };
      }
      if (typeof value !== 'object' || Array.isArray(value)) return { type: 'transform', config: { fields: { value } } };
      fields = value as JsonObject;
      if (!keeps) return { type: 'transform', config: { fields } };
      scope.review('It also kept the other fields of what came in; add those that are needed');
      return { type: 'transform', config: { fields } };
    }
    const assigned = assignments(parameters);
    if (!keeps) return { type: 'transform', config: { fields: nested(assigned, parameters, (value) => template(value, scope)) } };
    if (assigned.length === 0) return valueStep(scope.json);
    const members = assigned.map(({ name, value }) => `${JSON.stringify(name)}: ${expression(value, scope)}`);
    if (assigned.some(({ name }) => name.includes('.'))) scope.review('A name with a dot made an object within; here it is a name');
    return valueStep(`$merge([${scope.json}, { ${members.join(', ')} }])`);
  },
};

function keepsOthers(parameters: JsonObject): boolean {
  if (parameters.includeOtherFields !== undefined) return parameters.includeOtherFields === true;
  return text(parameters.include) === 'all';
}

interface Assignment {
  readonly name: string;
  readonly value: unknown;
}

function assignments(parameters: JsonObject): Assignment[] {
  const found = [
    ...list(at(parameters, 'assignments', 'assignments')).map((one) => ({ ...record(one), typed: text(record(one).type) })),
    ...list(at(parameters, 'fields', 'values')).map((one) => {
      const given = record(one);
      const kind = text(given.type) || 'stringValue';
      return { name: given.name, value: given[kind], typed: kind.replace('Value', '') };
    }),
    ...['string', 'number', 'boolean'].flatMap((typed) => list(at(parameters, 'values', typed)).map((one) => ({ ...record(one), typed }))),
  ] as { readonly name?: unknown; readonly value?: unknown; readonly typed: string }[];
  return found.flatMap(({ name, value, typed }) => (typeof name === 'string' && name !== '' ? [{ name, value: cast(value, typed) }] : []));
}

/** Numbers, truth values and lists are written as text there. */
function cast(value: unknown, type: string): unknown {
  if (typeof value !== 'string' || value.startsWith('=') || type === 'string' || type === '') return value ?? null;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** `a.b` makes an object within, unless the node says otherwise. */
function nested(assigned: readonly Assignment[], parameters: JsonObject, map: (value: unknown) => Json): JsonObject {
  const fields: Record<string, Json> = Object.create(null);
  const dots = at(parameters, 'options', 'dotNotation') !== false;
  for (const { name, value } of assigned) {
    const keys = dots ? name.split('.') : [name];
    let target = fields;
    for (const key of keys.slice(0, -1)) {
      const next = target[key];
      const inner: Record<string, Json> =
        typeof next === 'object' && next !== null && !Array.isArray(next) ? (next as Record<string, Json>) : Object.create(null);
      target[key] = inner;
      target = inner;
    }
    target[keys.at(-1) ?? name] = map(value);
  }
  return JSON.parse(JSON.stringify(fields)) as JsonObject;
}

const mergeNode: NodeTranslator = {
  gives: own,
  step(node, scope) {
    const inputs = [...new Set(scope.inputs.flatMap((input) => input ?? []))];
    const [first = scope.json, second] = inputs;
    const mode = text(node.parameters.mode) || 'append';
    const how = text(node.parameters.combineBy) || text(node.parameters.combinationMode) || 'mergeByFields';
    if (second === undefined) return valueStep(first);
    if (mode === 'append') return valueStep(inputs.slice(1).reduce((joined, input) => `$append(${joined}, ${input})`, first));
    if (mode === 'chooseBranch' || mode === 'passThrough' || mode === 'wait') return valueStep(chosen(node, scope) ?? first);
    const byPlace = mode === 'mergeByIndex' || (mode === 'combine' && /^(mergeByPosition|combineByPosition)$/.test(how));
    if (byPlace) {
      scope.approximate('It puts the fields of both together; lists are not paired item by item');
      return valueStep(`$merge([${inputs.join(', ')}])`);
    }
    scope.review(`It merges by “${mode === 'combine' ? how : mode}”; both inputs are handed on side by side`);
    return valueStep(`{ ${inputs.map((input, index) => `"input${index + 1}": ${input}`).join(', ')} }`);
  },
};

function chosen({ parameters }: N8nNode, scope: NodeScope): string | null {
  const number = /\d+/.exec(text(parameters.useDataOfInput) || text(parameters.output) || String(parameters.useDataOfInput ?? ''))?.[0];
  return scope.inputs[Number(number ?? 1) - 1] ?? null;
}

/** What the caller of a webhook gets; here it is the output of the run. */
const respondNode: NodeTranslator = {
  gives: 'input',
  step({ parameters }, scope) {
    scope.approximate('A hook answers at once here; the response is the output of the run');
    return responseOf(parameters, scope);
  },
};

function responseOf(parameters: JsonObject, scope: NodeScope): TranslatedStep {
  const way = text(parameters.respondWith) || 'firstIncomingItem';
  const body = text(parameters.responseBody);
  if (way === 'noData') return valueStep('null');
  if (way === 'text') return valueStep(expression(body, scope));
  if (way === 'redirect') return { type: 'transform', config: { fields: { redirect: template(parameters.redirectURL ?? '', scope) } } };
  if (way !== 'json') return valueStep(scope.json);
  const value = jsonTemplate(body, scope);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { type: 'transform', config: { fields: value as JsonObject } };
  if (value === null) scope.review('Its response can’t be read as JSON; it is kept as text');
  return valueStep(expression(body, scope));
}

const passNode: NodeTranslator = { gives: own, step: (_node, scope) => valueStep(scope.json) };
const codeNode: NodeTranslator = { gives: own, step: codeStep };

/** Stops the run with a message. */
const stopNode: NodeTranslator = {
  gives: own,
  step({ parameters }, scope: Scope) {
    return valueStep(`$error($string(${expression(parameters.errorMessage ?? parameters.errorObject ?? 'Stopped', scope)}))`);
  },
};

export const DATA_NODES: Readonly<Record<string, NodeTranslator>> = {
  set: setNode,
  merge: mergeNode,
  noOp: passNode,
  respondToWebhook: respondNode,
  code: codeNode,
  function: codeNode,
  functionItem: codeNode,
  stopAndError: stopNode,
};
