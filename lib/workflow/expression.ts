import type { Json } from '#lib/base/json.ts';
import { parseExpression } from './expression-ast.ts';
import { BAIL, compileFast, truthy } from './expression-fast.ts';
import { asExpressionError, interpret, isBounded } from './expression-interpreter.ts';
import { scanExpression, type Token, type Translation, translateAliases } from './expression-lexer.ts';
import { findReferences, type Reference } from './expression-references.ts';
import { ExpressionError, type ExpressionScope, type ScopeValues } from './expression-scope.ts';

export type { Reference } from './expression-references.ts';

/** Why an expression cannot be read, for an author. */
export interface ExpressionProblem {
  readonly code: 'EXPRESSION_SYNTAX';
  readonly message: string;
  /** Offset into the text that was given. */
  readonly position: number;
}

/** An expression that was read once. Building it never throws; one with problems throws when it is evaluated. */
export interface Compiled {
  /** As its author wrote it, without braces. */
  readonly source: string;
  /** Offset of `source` in the text that was given. */
  readonly offset: number;
  readonly translation: Translation;
  readonly references: readonly Reference[];
  readonly problems: readonly ExpressionProblem[];
  /** The lane without the interpreter; null where the expression needs it. May throw BAIL: the interpreter decides then. */
  readonly fast: ((values: ScopeValues) => unknown) | null;
  /** False: it may loop, backtrack or grow, and belongs in a process that can be stopped. */
  readonly inPlace: boolean;
}

/** Longer expressions are refused. */
export const MAX_EXPRESSION_LENGTH = 20_000;
/** Expressions kept in memory; the least recently used goes first. */
const CACHE_SIZE = 2_000;
const cache = new Map<string, Compiled>();

/** Milliseconds an evaluation in place may take, where the caller names no other limit. */
export const IN_PLACE_TIMEOUT = 1_000;

/** Reads an expression, with or without its braces. Cached; never throws. Offsets are into the text that was given. */
export function compileExpression(text: string): Compiled {
  const known = cache.get(text);
  if (known) {
    cache.delete(text);
    cache.set(text, known);
    return known;
  }
  const compiled = compile(text);
  cache.set(text, compiled);
  if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value as string);
  return compiled;
}

function compile(text: string): Compiled {
  const { source, offset } = withoutBraces(text);
  const translation = translateAliases(source);
  const failed = (message: string, position: number): Compiled => {
    const problems = [{ code: 'EXPRESSION_SYNTAX' as const, message, position: position + offset }];
    return { source, offset, translation, references: [], problems, fast: null, inPlace: true };
  };
  if (source.trim() === '') return failed('The expression is empty', 0);
  if (source.length > MAX_EXPRESSION_LENGTH) return failed(`The expression is longer than ${MAX_EXPRESSION_LENGTH} characters`, 0);
  try {
    const tree = parseExpression(translation.jsonata);
    const { tokens } = scanExpression(source);
    const evalToken = tokens.find((token) => token.kind === 'variable' && source.slice(token.start, token.end) === '$eval');
    if (evalToken) return failed('$eval does not exist here: text is never evaluated', evalToken.start);
    const call = tokens.find((token, at) => isBareCall(source, token, tokens[at + 1]));
    if (call) {
      const name = source.slice(call.start, call.end);
      return failed(`Functions start with $: write $${name}(…), not ${name}(…)`, call.start);
    }
    const references = findReferences(tree, tokens, translation.original).map((reference) => shift(reference, offset));
    return { source, offset, translation, references, problems: [], fast: compileFast(tree), inPlace: isBounded(tree) };
  } catch (thrown) {
    const fault = asExpressionError(thrown, translation);
    return failed(fault.message, fault.position ?? 0);
  }
}

/** True for `count(`: a name is never a function, so this would fail whenever it is evaluated. */
function isBareCall(source: string, token: Token, next: Token | undefined): boolean {
  if (token.kind !== 'name' || next === undefined || source[next.start] !== '(') return false;
  return !['function', 'λ'].includes(source.slice(token.start, token.end));
}

function shift(reference: Reference, by: number): Reference {
  if (by === 0) return reference;
  const span = reference.stepSpan;
  return {
    ...reference,
    start: reference.start + by,
    end: reference.end + by,
    stepSpan: span ? { start: span.start + by, end: span.end + by } : null,
  };
}

/** The expression in a text that is exactly one `{{ … }}` (spaces around it allowed), else the whole text. */
export function withoutBraces(text: string): { readonly source: string; readonly offset: number } {
  const start = text.length - text.trimStart().length;
  if (!text.startsWith('{{', start)) return { source: text, offset: 0 };
  const { end } = scanExpression(text, start + 2, true);
  if (end === null || text.slice(end + 2).trim() !== '') return { source: text, offset: 0 };
  return { source: text.slice(start + 2, end), offset: start + 2 };
}

/** What an expression reads, and why it cannot be read. With or without its braces; never throws. */
export function referencesOf(text: string): { readonly references: readonly Reference[]; readonly problems: readonly ExpressionProblem[] } {
  return compileExpression(text);
}

/** The expression with every `steps.<from>` renamed to `steps.<to>`, in backticks where the id needs them. */
export function renameReferences(text: string, from: string, to: string): string {
  let renamed = text;
  for (const reference of compileExpression(text).references.toReversed()) {
    if (reference.step !== from || reference.stepSpan === null) continue;
    renamed = renamed.slice(0, reference.stepSpan.start) + nameInExpression(to) + renamed.slice(reference.stepSpan.end);
  }
  return renamed;
}

/** True for an id that stands in an expression without backticks. */
export function isPlainName(id: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(id) && !['and', 'or', 'in', 'true', 'false', 'null', 'function'].includes(id);
}

/** An id as an expression writes it: `fetch_users`, or with backticks. */
export function nameInExpression(id: string): string {
  return isPlainName(id) ? id : `\`${id}\``;
}

/**
 * The value of an expression; undefined where a path leads nowhere. Synchronous where the fast lane takes it, else a
 * promise. Throws or rejects with ExpressionError. `timeout` bounds it in milliseconds, but only a process of its own stops a hostile one
 * (see `inPlace`).
 */
export function evaluateInPlace(
  compiled: Compiled,
  scope: ExpressionScope,
  timeout: number = IN_PLACE_TIMEOUT,
): Json | undefined | Promise<Json | undefined> {
  const fast = evaluateFast(compiled, scope);
  if (fast !== NEEDS_INTERPRETER) return fast;
  return interpret(compiled.translation, { ...scope, values: pickReferenced(scope.values, compiled.references), timeout });
}

/** Says that the fast lane does not take an expression, or not with these values. */
export const NEEDS_INTERPRETER = Symbol('needs the interpreter');

/** The value by the fast lane, or NEEDS_INTERPRETER. Throws ExpressionError where the expression cannot be read. */
export function evaluateFast(compiled: Compiled, scope: ExpressionScope): Json | undefined | typeof NEEDS_INTERPRETER {
  const problem = compiled.problems[0];
  if (problem) throw new ExpressionError('EXPRESSION_SYNTAX', problem.message, { position: problem.position - compiled.offset });
  if (compiled.fast === null) return NEEDS_INTERPRETER;
  try {
    return compiled.fast(scope.values) as Json | undefined;
  } catch (thrown) {
    if (thrown === BAIL) return NEEDS_INTERPRETER;
    throw thrown;
  }
}

type Tree = Map<string, Tree> | 'all';

/** The part of the scope that an expression reads: nothing else is measured, copied or sent to a process. */
export function pickReferenced(values: ScopeValues, references: readonly Reference[]): ScopeValues {
  if (references.some((reference) => reference.root === '*')) return values;
  const wanted: Map<string, Tree> = new Map();
  for (const reference of references) {
    const names = [reference.root, ...(reference.step === null ? [] : [reference.step]), ...reference.path];
    let branch = wanted;
    for (const [at, name] of names.entries()) {
      const next = branch.get(name);
      if (next === 'all') break;
      if (at === names.length - 1) {
        branch.set(name, 'all');
      } else {
        const deeper: Map<string, Tree> = next ?? new Map();
        branch.set(name, deeper);
        branch = deeper;
      }
    }
  }
  return pick(values, wanted) as ScopeValues;
}

function pick(value: unknown, wanted: Tree): unknown {
  if (wanted === 'all' || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  // Data that carries the interpreter's flags is opaque to it, and stays so.
  if (Object.hasOwn(value, '_jsonata_function') || Object.hasOwn(value, '_jsonata_lambda')) return value;
  const picked: Record<string, unknown> = Object.create(null);
  for (const [name, below] of wanted) if (Object.hasOwn(value, name)) picked[name] = pick((value as Record<string, unknown>)[name], below);
  return picked;
}

/** How a condition reads a value: false for undefined, null, 0, '', {}, and lists without a true item (JSONata's `$boolean`). */
export function isTruthy(value: Json | undefined): boolean {
  return truthy(value);
}
