import type { Json, JsonObject } from '#lib/base/json.ts';
import { isJsonObject } from '#lib/base/json.ts';
import { nameInExpression } from '#lib/workflow/expression.ts';

/** What an expression of a node can read, as paths of ours. */
export interface Scope {
  /** What `$json` is at this node. */
  readonly json: string;
  /** What another node gave; null where there is no such node. */
  outputOf(node: string): string | null;
  /** Notes that something has to be looked at by a person. */
  review(reason: string): void;
}

type Part = { readonly literal: string } | { readonly code: string };

const HEAD = /^\$(?:json\b|input\.(?:item|first\(\)|last\(\))\.json\b|input\.all\(\))/;
const NODE_HEAD =
  /^(?:\$node\[(["'])((?:(?!\1).)+)\1\]\.json\b|\$node\.([A-Za-z_]\w*)\.json\b|\$\((["'])((?:(?!\4).)+)\4\)\.(?:(?:item|first\(\)|last\(\))\.json\b|all\(\))|\$items\((["'])((?:(?!\6).)+)\6\)(?:\[0\]\.json\b)?)/;
const TAIL = /^(?:\??\.([A-Za-z_$][\w$]*)|(?:\?\.)?\[(["'])((?:(?!\2)[^`\\])+)\2\]|(?:\?\.)?\[(\d{1,6})\])/;
const WORDS: Readonly<Record<string, string>> = {
  $now: '$now()',
  '$now.toISO()': '$now()',
  'new Date().toISOString()': '$now()',
  '$execution.id': 'run.id',
  '$workflow.id': 'workflow.id',
  '$workflow.name': 'workflow.name',
};

/** A path of ours for an expression that is a plain path, or null where it is more than that. */
export function plainPath(code: string, scope: Scope): string | null {
  const source = code.trim();
  if (Object.hasOwn(WORDS, source)) return WORDS[source] ?? null;
  if (/^(?:true|false|null|-?\d{1,15}(?:\.\d{1,15})?)$/.test(source)) return source;
  const wrapped = /^JSON\.stringify\((.+)\)$/s.exec(source)?.[1];
  if (wrapped !== undefined) {
    const inner = plainPath(wrapped, scope);
    return inner === null ? null : inner;
  }
  const own = HEAD.exec(source);
  const other = own ? null : NODE_HEAD.exec(source);
  const named = other?.[2] ?? other?.[3] ?? other?.[5] ?? other?.[7];
  const root = own ? scope.json : named !== undefined ? scope.outputOf(named) : null;
  const head = own ?? other;
  if (root === null || head === null) return null;
  const rest = tailOf(source.slice(head[0].length));
  return rest === null ? null : root + rest;
}

function tailOf(source: string): string | null {
  let rest = source;
  let path = '';
  while (rest !== '') {
    const step = TAIL.exec(rest);
    if (step === null) return null;
    const name = step[1] ?? step[3];
    // What follows a name in brackets would be a call, and the length of a list or text is no member of ours.
    if (step[1] === 'length' || rest[step[0].length] === '(') return null;
    path += name === undefined ? `[${step[4]}]` : `.${nameInExpression(name)}`;
    rest = rest.slice(step[0].length);
  }
  return path;
}

/** A text of n8n in its parts. Only one that begins with `=` holds expressions. */
function partsOf(value: string): Part[] {
  if (!value.startsWith('=')) return [{ literal: value }];
  const parts: Part[] = [];
  let rest = value.slice(1);
  for (;;) {
    const open = rest.indexOf('{{');
    const close = open < 0 ? -1 : endOfCode(rest, open + 2);
    if (close < 0) break;
    if (open > 0) parts.push({ literal: rest.slice(0, open) });
    parts.push({ code: rest.slice(open + 2, close) });
    rest = rest.slice(close + 2);
  }
  if (rest !== '' || parts.length === 0) parts.push({ literal: rest });
  return parts;
}

/** Where the `}}` of an expression stands; those within quotes don't count. */
function endOfCode(value: string, from: number): number {
  let quote = '';
  for (let at = from; at < value.length; at += 1) {
    const letter = value[at] ?? '';
    if (letter === '\\') at += 1;
    else if (quote !== '') quote = letter === quote ? '' : quote;
    else if (letter === '"' || letter === "'" || letter === '`') quote = letter;
    else if (letter === '}' && value[at + 1] === '}') return at;
  }
  return value.indexOf('}}', from);
}

/** A value of a config: its expressions become templates, other texts stay what they are. */
export function template(value: unknown, scope: Scope): Json {
  if (Array.isArray(value)) return value.map((one) => template(one, scope));
  if (isJsonObject(value)) return templates(value, scope);
  if (typeof value !== 'string') return (value ?? null) as Json;
  return partsOf(value)
    .map((part) => ('code' in part ? `{{ ${expressionOf(part.code, scope)} }}` : literalText(part.literal)))
    .join('');
}

/** The members of an object, each as `template` has it. */
export function templates(value: JsonObject, scope: Scope): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, template(one, scope)]));
}

/** A value as an expression of its own, for places that hold nothing else. */
export function expression(value: unknown, scope: Scope): string {
  if (typeof value !== 'string')
    return isJsonObject(value) || Array.isArray(value) ? asExpression(value, scope) : JSON.stringify(value ?? null);
  const parts = partsOf(value).map((part) => ('code' in part ? expressionOf(part.code, scope) : JSON.stringify(part.literal)));
  return parts.length === 1 ? (parts[0] ?? '""') : `(${parts.join(' & ')})`;
}

function asExpression(value: unknown, scope: Scope): string {
  if (Array.isArray(value)) return `[${value.map((one) => expression(one, scope)).join(', ')}]`;
  return `{ ${Object.entries(value as JsonObject)
    .map(([key, one]) => `${JSON.stringify(key)}: ${expression(one, scope)}`)
    .join(', ')} }`;
}

/** A JSON text in which expressions stand, within quotes or in place of a value; null where it can’t be read so. */
export function jsonTemplate(value: string, scope: Scope): Json | null {
  const parts = partsOf(value.startsWith('=') ? value : `=${value}`);
  if (!value.startsWith('=') || parts.length === 1) {
    const [only] = parts;
    if (value.startsWith('=') && only && 'code' in only) return template(value, scope);
    return parsed(value.startsWith('=') ? value.slice(1) : value, (one) => literalText(one));
  }
  const codes: string[] = [];
  let source = '';
  let quoted = false;
  for (const part of parts) {
    if ('code' in part) {
      const mark = `\u0001${codes.push(part.code) - 1}\u0001`;
      source += quoted ? mark.replaceAll('\u0001', '\\u0001') : JSON.stringify(mark);
      continue;
    }
    source += part.literal;
    for (const [found] of part.literal.matchAll(/\\.|"/gs)) if (found === '"') quoted = !quoted;
  }
  return parsed(source, (one) => {
    const pieces = one.split('\u0001');
    return pieces
      .map((piece, at) => (at % 2 === 1 ? `{{ ${expressionOf(codes[Number(piece)] ?? '', scope)} }}` : literalText(piece)))
      .join('');
  });
}

function parsed(source: string, rewrite: (text: string) => string): Json | null {
  try {
    return JSON.parse(source, (_key, one) => (typeof one === 'string' ? rewrite(one) : one)) as Json;
  } catch {
    return null;
  }
}

/** Braces that n8n took for text must not become an expression here. */
function literalText(value: string): string {
  return value.includes('{{') ? `{{ ${JSON.stringify(value)} }}` : value;
}

/** What can’t be translated is kept: it says so when it is reached, and in the report. */
function expressionOf(code: string, scope: Scope): string {
  const path = plainPath(code, scope);
  if (path !== null) return path;
  const kept = code.trim().slice(0, 500);
  scope.review(`This expression has to be rewritten: ${kept}`);
  return `$error(${JSON.stringify(`Rewrite this expression of n8n: ${kept}`)})`;
}
