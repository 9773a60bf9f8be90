import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';
import { jsonTemplate, type Scope, template } from './expressions.ts';
import { type NodeTranslator, present } from './node-translator.ts';
import { at, list, type N8nNode, record, text } from './workflow-file.ts';

const BODY_TYPES: Readonly<Record<string, string>> = {
  'form-urlencoded': 'form',
  'multipart-form-data': 'multipart',
  raw: 'text',
};

/** Requests: those of version 4 with their switches, and the older ones with lists of parameters. */
export const httpNode: NodeTranslator = {
  gives: (node) => (wantsWhole(node) ? '' : '.body'),
  step(node, scope) {
    const { parameters } = node;
    const newer = node.version >= 3;
    const options = record(parameters.options);
    const method = text(newer ? parameters.method : parameters.requestMethod) || 'GET';
    if (wantsWhole(node)) scope.approximate('It gives the whole answer; the status is called status_code here');
    signIn(parameters, scope);
    const hasBody = newer ? parameters.sendBody === true : !['GET', 'HEAD'].includes(method);
    const kind = text(newer ? parameters.contentType : parameters.bodyContentType) || 'json';
    const body = hasBody ? bodyOf(parameters, kind, newer, scope) : undefined;
    if (hasBody && kind === 'binaryData') scope.review('It sends a file, which has to be given as base64');
    for (const key of ['pagination', 'batching', 'proxy']) {
      if (isJsonObject(options[key])) scope.review(`Its option “${key}” has to be set here`);
    }
    const timeout = options.timeout;
    const never = at(options, 'response', 'response', 'neverError') === true || parameters.ignoreResponseCode === true;
    const follows = at(options, 'redirect', 'redirect', 'followRedirects') ?? options.followRedirect;
    return {
      type: 'http_request',
      config: present({
        method: template(method, scope),
        url: template(parameters.url ?? '', scope),
        query: pairs(parameters, 'Query', newer, scope),
        headers: pairs(parameters, 'Header', newer, scope),
        body,
        body_type: body === undefined ? undefined : BODY_TYPES[kind],
        timeout: typeof timeout === 'number' && timeout > 0 ? `${timeout}ms` : undefined,
        accept_statuses: never ? ['any'] : undefined,
        follow_redirects: follows === false ? false : undefined,
      }),
    };
  },
};

function wantsWhole({ parameters }: N8nNode): boolean {
  return at(parameters, 'options', 'response', 'response', 'fullResponse') === true || at(parameters, 'options', 'fullResponse') === true;
}

function signIn(parameters: JsonObject, scope: Scope): void {
  const way = text(parameters.authentication);
  if (way === '' || way === 'none') return;
  const kind = text(parameters.genericAuthType) || text(parameters.nodeCredentialType) || way;
  scope.review(`It signs in with “${kind}”; a file never holds the key, so set Sign-in with a secret`);
}

/** Query or headers: a list of pairs, or a JSON text. */
function pairs(parameters: JsonObject, what: 'Query' | 'Header', newer: boolean, scope: Scope): JsonObject | undefined {
  const lower = what === 'Query' ? 'query' : 'header';
  const plural = what === 'Query' ? 'Query' : 'Headers';
  if (newer && parameters[`send${plural}`] !== true) return undefined;
  const asJson = newer ? parameters[`specify${plural}`] === 'json' : parameters.jsonParameters === true;
  if (asJson) {
    const source = text(newer ? parameters[`json${plural}`] : parameters[`${lower}ParametersJson`]);
    if (source === '') return undefined;
    const value = jsonTemplate(source, scope);
    if (isJsonObject(value)) return value;
    scope.review(`Its ${lower === 'query' ? 'query' : 'headers'} can’t be read as JSON: ${source.slice(0, 200)}`);
    return undefined;
  }
  return listed(newer ? at(parameters, `${lower}Parameters`, 'parameters') : at(parameters, `${lower}ParametersUi`, 'parameter'), scope);
}

function listed(value: unknown, scope: Scope): JsonObject | undefined {
  const entries = list(value).flatMap((one): [string, Json][] => {
    const { name, value: given } = record(one);
    return typeof name === 'string' && name !== '' ? [[name, template(given ?? '', scope)]] : [];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function bodyOf(parameters: JsonObject, kind: string, newer: boolean, scope: Scope): Json | undefined {
  if (kind === 'raw') return template(parameters.body ?? '', scope);
  const asJson = newer ? parameters.specifyBody === 'json' : parameters.jsonParameters === true;
  if (!asJson)
    return listed(newer ? at(parameters, 'bodyParameters', 'parameters') : at(parameters, 'bodyParametersUi', 'parameter'), scope);
  const source = newer ? parameters.jsonBody : parameters.bodyParametersJson;
  if (typeof source !== 'string') return template(source ?? null, scope);
  if (source.trim() === '') return undefined;
  const value = jsonTemplate(source, scope);
  if (value !== null) return value;
  scope.review('Its body can’t be read as JSON; it is kept as text');
  return template(source, scope);
}
