import jsonata from 'jsonata';
import type { Json } from '#lib/base/json.ts';
import { type AstNode, walkAst } from './expression-ast.ts';
import type { Translation } from './expression-lexer.ts';
import { ExpressionError, type ScopeValues } from './expression-scope.ts';

/** Nested calls and waiting parts that one evaluation may have open at once. */
const MAX_DEPTH = 20_000;
/** Items that one list made on the way may have. */
const MAX_SEQUENCE = 1_000_000;

/** How one evaluation is bounded, and what its clock and its dice say. */
export interface Interpretation {
  readonly values: ScopeValues;
  readonly now: number;
  readonly seed: string;
  /** Milliseconds it may take. A regular expression that backtracks is not caught by it: only a process of its own is. */
  readonly timeout: number;
}

/**
 * Runs JSONata. Rejects with ExpressionError. `$eval` does not exist; `$now`, `$millis`, `$random` and `$shuffle` answer
 * from what is passed in, so a replay gives equal results.
 */
export async function interpret(translation: Translation, how: Interpretation): Promise<Json | undefined> {
  try {
    const expression = prepare(translation, how.timeout);
    const dice: Dice = { now: how.now, random: seededRandom(how.seed) };
    // `list[]` and `list{…}` write into the lists that they are given.
    const values = /\[\s*\]|\{/.test(translation.jsonata) ? structuredClone(how.values) : how.values;
    return toPlainJson(await expression.evaluate(values, { [DICE]: dice }));
  } catch (thrown) {
    throw asExpressionError(thrown, translation);
  }
}

/** Where the clock and the dice of one evaluation are bound: no expression can write this name. */
const DICE = 'weftline.dice';
interface Dice {
  readonly now: number;
  readonly random: () => number;
}

const prepared = new WeakMap<Translation, { readonly timeout: number; readonly expression: jsonata.Expression }>();

/** The parsed expression, kept with its translation: parsing takes ten times as long as evaluating. */
function prepare(translation: Translation, timeout: number): jsonata.Expression {
  const known = prepared.get(translation);
  if (known?.timeout === timeout) return known.expression;
  const expression = jsonata(translation.jsonata, { timeout, stack: MAX_DEPTH, sequence: MAX_SEQUENCE });
  expression.assign('eval', undefined);
  expression.registerFunction('now', formattedNow, '<s?s?:s>');
  expression.registerFunction('millis', millis, '<:n>');
  expression.registerFunction('random', random, '<:n>');
  expression.registerFunction('shuffle', shuffle, '<a:a>');
  prepared.set(translation, { timeout, expression });
  return expression;
}

function diceOf(focus: jsonata.Focus): Dice {
  return focus.environment.lookup(DICE) as Dice;
}

interface NativeFunction {
  readonly implementation: (...args: unknown[]) => unknown;
}

/** `$now(picture?, zone?)` through `$fromMillis`, which formats. */
function formattedNow(this: jsonata.Focus, picture?: string, zone?: string): unknown {
  const fromMillis = this.environment.lookup('fromMillis') as NativeFunction;
  return fromMillis.implementation.call(this, diceOf(this).now, picture, zone);
}

function millis(this: jsonata.Focus): number {
  return diceOf(this).now;
}

function random(this: jsonata.Focus): number {
  return diceOf(this).random();
}

function shuffle(this: jsonata.Focus, list: readonly unknown[] | undefined): unknown[] | undefined {
  if (list === undefined) return undefined;
  const dice = diceOf(this);
  const result = [...list];
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = Math.floor(dice.random() * (at + 1));
    [result[at], result[other]] = [result[other], result[at]];
  }
  return result;
}

/** Numbers from 0 to under 1 that depend on the seed alone (the mulberry32 generator over an FNV-1a hash of the seed). */
export function seededRandom(seed: string): () => number {
  let state = 0x811c9dc5;
  for (let at = 0; at < seed.length; at += 1) state = Math.imul(state ^ seed.charCodeAt(at), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Lists that the interpreter marked and functions become what JSON can carry; plain data comes back as it is. */
function toPlainJson(value: unknown): Json | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) throw { code: 'D1001', message: `Number out of range: ${value}` };
  if (typeof value === 'function' || isFunctionObject(value)) {
    throw { code: 'T1006', message: 'The expression gives a function, not a value' };
  }
  if (typeof value !== 'object' || value === null) return value as Json | undefined;
  if (Array.isArray(value)) return value.map((item) => toPlainJson(item) ?? null);
  const entries = Object.entries(value).flatMap(([key, member]): [string, Json][] => {
    if (typeof member === 'function' || isFunctionObject(member)) return [];
    const plain = toPlainJson(member);
    return plain === undefined ? [] : [[key, plain]];
  });
  return Object.fromEntries(entries);
}

/** A function of the interpreter. Data that merely carries its flags holds no closure. */
function isFunctionObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { implementation, apply } = value as { implementation?: unknown; apply?: unknown };
  return typeof implementation === 'function' || typeof apply === 'function';
}

/** A fault of the parser or the interpreter as an ExpressionError with the offset in the author's text. */
export function asExpressionError(thrown: unknown, translation: Translation): ExpressionError {
  if (thrown instanceof ExpressionError) return thrown;
  const fault = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as { code?: unknown; position?: unknown; message?: unknown };
  const code = typeof fault.code === 'string' ? fault.code : '';
  const position = typeof fault.position === 'number' ? translation.original(fault.position) : null;
  const message = shorten(typeof fault.message === 'string' && fault.message !== '' ? fault.message : String(thrown));
  if (thrown instanceof RangeError || code === 'D1011') {
    return new ExpressionError('EXPRESSION_LIMIT', 'The expression recurses too deep', { position });
  }
  if (code === 'D1012') return new ExpressionError('EXPRESSION_TIMEOUT', 'The expression took too long', { position });
  if (code === 'D2014' || code === 'D2015') {
    return new ExpressionError('EXPRESSION_LIMIT', `The expression makes a list of more than ${MAX_SEQUENCE} items`, { position });
  }
  if (thrown instanceof SyntaxError) return new ExpressionError('EXPRESSION_SYNTAX', message, { position });
  return new ExpressionError(code.startsWith('S') ? 'EXPRESSION_SYNTAX' : 'EXPRESSION_ERROR', message, { position });
}

function shorten(message: string): string {
  return message.length > 500 ? `${message.slice(0, 499)}…` : message;
}

/** Functions whose result is at most about three times as large as their arguments and whose time grows with them. */
const BOUNDED_FUNCTIONS = new Set(
  (
    'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim contains split formatNumber ' +
    'formatBase number floor ceil round abs sqrt power boolean not keys lookup append exists spread merge reverse zip type error assert ' +
    'base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl fromMillis now millis random clone'
  ).split(' '),
);
const BOUNDED_NODES = new Set('path name string number value binary unary condition block function variable wildcard sort'.split(' '));
const MAX_BOUNDED_CALLS = 4;

/**
 * True when time and memory of the expression are bounded by its text and its data: no regular expression, lambda,
 * range, variable, recursion, re-rooted path or function that multiplies. Such a one may run on the main thread.
 */
export function isBounded(tree: AstNode): boolean {
  let calls = 0;
  const procedures = new Set<AstNode>();
  for (const node of walkAst(tree)) {
    if (!BOUNDED_NODES.has(node.type) || node.tuple || node.value === '..') return false;
    if (node.type === 'function') {
      const { procedure } = node;
      if (procedure?.type !== 'variable' || !isBoundedCall(String(procedure.value), node.arguments ?? [])) return false;
      procedures.add(procedure);
      calls += 1;
      if (calls > MAX_BOUNDED_CALLS) return false;
    }
    if (node.type === 'variable' && node.value !== '' && !procedures.has(node)) return false;
  }
  return true;
}

function isBoundedCall(name: string, args: readonly AstNode[]): boolean {
  if (name === 'join') return args.length === 1 || isShortText(args[1]);
  if (name === 'toMillis') return args.length === 1;
  return BOUNDED_FUNCTIONS.has(name);
}

function isShortText(node: AstNode | undefined): boolean {
  return node?.type === 'string' && String(node.value).length <= 16;
}
