import type { JsonObject } from '#lib/base/json.ts';
import { type NodeScope, type TranslatedStep, valueStep } from './node-translator.ts';
import { type N8nNode, text } from './workflow-file.ts';

/** Names that the code may use and that a script here doesn't have. */
const MISSING =
  /\$getWorkflowStaticData|getWorkflowStaticData|\$helpers|this\.helpers|\bDateTime\b|\$jmespath|\$env\b|\$vars\b|\brequire\(|getBinaryDataBuffer/g;
const NAMED = /\$(?:node\[|items\(|\()(["'])((?:(?!\1).)+)\1[\])]/g;

/** Code runs as a script, with the names around it that code there is written with. */
export function codeStep(node: N8nNode, scope: NodeScope): TranslatedStep {
  const { parameters, kind } = node;
  const python = /^python/.test(text(parameters.language));
  const code = text(python ? parameters.pythonCode : (parameters.jsCode ?? parameters.functionCode));
  if (code.trim() === '') {
    scope.review('It has no code');
    return valueStep(scope.json);
  }
  if (python) {
    scope.review('Its Python has to read { input, args, steps } from stdin and print its output as JSON');
    return { type: 'script', config: { language: 'python', code, args: { json: `{{ ${scope.json} }}` } } };
  }
  const missing = [...new Set(code.match(MISSING) ?? [])];
  if (missing.length > 0) scope.review(`Its code uses ${missing.join(', ')}, which a script here doesn’t have`);
  else scope.review('Its code runs as a script with the same names around it; try it once');
  const each = kind === 'functionItem' || text(parameters.mode) === 'runOnceForEachItem';
  const nodes: Record<string, string> = {};
  for (const [, , name = ''] of code.matchAll(NAMED)) {
    const path = scope.outputOf(name);
    if (path !== null && name !== '__proto__') nodes[name] = `{{ ${path} }}`;
  }
  const args: JsonObject = { json: `{{ ${scope.json} }}`, ...(Object.keys(nodes).length > 0 ? { nodes } : {}) };
  return { type: 'script', config: { language: 'javascript', code: around(code, each), args } };
}

function around(code: string, each: boolean): string {
  return `let received = '';
for await (const chunk of process.stdin) received += chunk;
const { args = {} } = JSON.parse(received);
const toItems = (value) => (value == null ? [] : Array.isArray(value) ? value : [value]).map((json) => ({ json }));
const access = (list) => ({ all: () => list, first: () => list[0], last: () => list.at(-1), item: list[0], json: list[0]?.json });
const items = toItems(args.json);
const $ = (name) => access(toItems(args.nodes?.[name]));
const $items = (name) => (name === undefined ? items : $(name).all());
const $node = new Proxy({}, { get: (_target, name) => $(name) });
console.log = console.error;

async function code($input, $json, item) {
${code}
}

const results = ${each ? 'await Promise.all(items.map((item) => code({ ...access(items), item }, item.json, item.json)))' : 'await code(access(items), items[0]?.json, items[0]?.json)'};
const plain = (one) => (one !== null && typeof one === 'object' && 'json' in one ? one.json : (one ?? null));
const output = Array.isArray(results) ? results.flat().map(plain) : plain(results);
process.stdout.write(JSON.stringify(Array.isArray(output) && output.length === 1 ? output[0] : output));
`;
}
