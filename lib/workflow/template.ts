import { z } from 'zod';
import { isJsonObject, type Json, type JsonObject, toPointer } from '#lib/base/json.ts';
import {
  type Compiled,
  compileExpression,
  type ExpressionProblem,
  evaluateInPlace,
  type Reference,
  renameReferences,
} from './expression.ts';
import { scanExpression } from './expression-lexer.ts';
import { ExpressionError, type ExpressionScope } from './expression-scope.ts';
import type { StepDefinition } from './step-type.ts';

/** One piece of a text: plain, or an expression with its place (`start` is the first of `{{`, `end` after `}}`). */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string; readonly start: number; readonly end: number }
  | {
      readonly kind: 'expression';
      readonly source: string;
      readonly sourceStart: number;
      readonly start: number;
      readonly end: number;
    };

/**
 * Splits a text at its `{{ … }}`, `}}` inside of strings, comments, names and braces of the expression excepted.
 * `unclosed` is the offset of a `{{` that never ends; from there on the text is plain.
 */
export function splitTemplate(text: string): { readonly parts: readonly TemplatePart[]; readonly unclosed: number | null } {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf('{{', at);
    const end = start < 0 ? null : scanExpression(text, start + 2, true).end;
    const plainEnd = start < 0 || end === null ? text.length : start;
    if (plainEnd > at) parts.push({ kind: 'text', text: text.slice(at, plainEnd), start: at, end: plainEnd });
    if (start < 0 || end === null) return { parts, unclosed: start < 0 ? null : start };
    parts.push({ kind: 'expression', source: text.slice(start + 2, end), sourceStart: start + 2, start, end: end + 2 });
    at = end + 2;
  }
}

/** How the keys of a config are read. A pattern is a path of keys with `*` for any, such as `cases.*.when`. */
export interface TemplateOptions {
  /** Always one expression, with or without braces. */
  readonly expressionKeys?: readonly string[];
  /** Never interpolated. */
  readonly rawKeys?: readonly string[];
  /** One expression each that is asked later than the rest, so its text stays as it is. */
  readonly lateKeys?: readonly string[];
  /** Stay lists: one hit is a list of one, none is `[]`. */
  readonly listKeys?: readonly string[];
  /** Of those, where a plain path (`input.orders`) is taken as it is: what is no list is no list. */
  readonly strictLists?: readonly string[];
}

/** Evaluates one expression; which lane it takes is the caller's choice. */
export type Evaluate = (compiled: Compiled, scope: ExpressionScope) => Json | undefined | Promise<Json | undefined>;

/** A value whose strings were read once. Offsets of references and problems are into the string at `pointer`. */
export interface CompiledTemplate {
  readonly value: Json;
  readonly hasExpressions: boolean;
  readonly references: readonly (Reference & { readonly pointer: string })[];
  readonly problems: readonly (ExpressionProblem & { readonly pointer: string })[];
  /** Ids of the steps that it reads, or null where it may read any. */
  readonly steps: readonly string[] | null;
  /**
   * The value with every expression replaced by its result; undefined only where the whole value is one expression
   * without a result. Stays synchronous while every expression does. Throws or rejects with ExpressionError, whose `path`
   * is the pointer of the string.
   */
  resolve(scope: ExpressionScope, evaluate?: Evaluate): Json | undefined | Promise<Json | undefined>;
}

type Resolved = Json | undefined | Promise<Json | undefined>;
type Resolver = (scope: ExpressionScope, evaluate: Evaluate) => Resolved;

/** A config nests at most this deep. */
const MAX_DEPTH = 200;

/** Reads a value of JSON whose strings may hold `{{ … }}`. Never throws. Not cached: keep it with the definition. */
export function compileTemplate(value: Json, options: TemplateOptions = {}): CompiledTemplate {
  const references: (Reference & { pointer: string })[] = [];
  const problems: (ExpressionProblem & { pointer: string })[] = [];

  function note(compiled: Compiled, pointer: string, offset: number, late = false): void {
    for (const problem of compiled.problems) problems.push({ ...problem, position: problem.position + offset, pointer });
    for (const found of compiled.references) {
      const span = found.stepSpan;
      references.push({
        ...found,
        start: found.start + offset,
        end: found.end + offset,
        stepSpan: span ? { start: span.start + offset, end: span.end + offset } : null,
        ...(late ? { late } : {}),
        pointer,
      });
    }
  }

  /** Null where the value holds no expression. */
  function read(item: Json, path: readonly (string | number)[]): Resolver | null {
    if (path.length > MAX_DEPTH) {
      problems.push({
        code: 'EXPRESSION_SYNTAX',
        message: `The value nests deeper than ${MAX_DEPTH}`,
        position: 0,
        pointer: toPointer(path),
      });
      return null;
    }
    if (matches(options.rawKeys, path)) return null;
    if (matches(options.lateKeys, path)) {
      if (typeof item === 'string') note(compileExpression(item), toPointer(path), 0, true);
      return null;
    }
    if (typeof item === 'string') return readText(item, path);
    if (Array.isArray(item)) return readItems(item, path);
    return isJsonObject(item) ? readMembers(item, path) : null;
  }

  function readText(text: string, path: readonly (string | number)[]): Resolver | null {
    const pointer = toPointer(path);
    const resolve = readExpressions(text, path, pointer);
    const isPlain = matches(options.strictLists, path) && matches(options.expressionKeys, path) && compileExpression(text).fast !== null;
    return resolve && !isPlain && matches(options.listKeys, path) ? (scope, evaluate) => later(resolve(scope, evaluate), asList) : resolve;
  }

  function readExpressions(text: string, path: readonly (string | number)[], pointer: string): Resolver | null {
    if (matches(options.expressionKeys, path)) {
      const compiled = compileExpression(text);
      note(compiled, pointer, 0);
      return placed(compiled, pointer, compiled.offset);
    }
    if (!text.includes('{{')) return null;
    const { parts, unclosed } = splitTemplate(text);
    if (unclosed !== null) {
      problems.push({ code: 'EXPRESSION_SYNTAX', message: 'This {{ has no }} that ends it', position: unclosed, pointer });
    }
    const pieces = parts.map((part): string | Resolver => {
      if (part.kind === 'text') return part.text;
      const compiled = compileExpression(part.source);
      note(compiled, pointer, part.sourceStart);
      return placed(compiled, pointer, part.sourceStart);
    });
    const [only] = pieces;
    if (pieces.length === 1 && typeof only === 'function') return only;
    if (unclosed !== null) return () => failUnclosed(pointer, unclosed);
    return (scope, evaluate) => joinPieces(pieces, scope, evaluate);
  }

  function readItems(items: readonly Json[], path: readonly (string | number)[]): Resolver | null {
    const resolvers = items.map((item, index) => read(item, [...path, index]));
    if (resolvers.every((resolver) => resolver === null)) return null;
    return (scope, evaluate) =>
      all(
        items.map((item, index) => resolvers[index]?.(scope, evaluate) ?? (resolvers[index] ? undefined : item)),
        (values) => values.filter((item) => item !== undefined),
      );
  }

  function readMembers(members: JsonObject, path: readonly (string | number)[]): Resolver | null {
    const keys = Object.keys(members);
    const resolvers = keys.map((key) => read(members[key] as Json, [...path, key]));
    if (resolvers.every((resolver) => resolver === null)) return null;
    return (scope, evaluate) =>
      all(
        keys.map((key, index) => {
          const resolver = resolvers[index];
          return resolver ? resolver(scope, evaluate) : members[key];
        }),
        (values) =>
          Object.fromEntries(
            keys.flatMap((key, index): [string, Json][] => {
              const member = values[index];
              return member === undefined ? [] : [[key, member]];
            }),
          ),
      );
  }

  const root = read(value, []);
  const readsAny = references.some((found) => found.root === '*' || (found.root === 'steps' && found.step === null));
  const steps = readsAny ? null : [...new Set(references.flatMap((found) => found.step ?? []))];
  return {
    value,
    hasExpressions: root !== null,
    references,
    problems,
    steps,
    resolve: (scope, evaluate = evaluateInPlace) => (root ? root(scope, evaluate) : value),
  };
}

/** An expression at its place: its own seed, so that two `$random()` differ, and errors that say where. */
function placed(compiled: Compiled, pointer: string, offset: number): Resolver {
  const located = (thrown: unknown): never => {
    if (!(thrown instanceof ExpressionError)) throw thrown;
    const position = thrown.position === null ? null : thrown.position + offset;
    throw new ExpressionError(thrown.code, thrown.message, { position, path: pointer, cause: thrown.cause });
  };
  return (scope, evaluate) => {
    try {
      const value = evaluate(compiled, compiled.fast ? scope : { ...scope, seed: `${scope.seed}${pointer}:${offset}` });
      return value instanceof Promise ? value.catch(located) : value;
    } catch (thrown) {
      return located(thrown);
    }
  };
}

function failUnclosed(path: string, position: number): never {
  throw new ExpressionError('EXPRESSION_SYNTAX', 'This {{ has no }} that ends it', { path, position });
}

function joinPieces(pieces: readonly (string | Resolver)[], scope: ExpressionScope, evaluate: Evaluate): Resolved {
  return all(
    pieces.map((piece) => (typeof piece === 'string' ? piece : piece(scope, evaluate))),
    (values) => values.map(asText).join(''),
  );
}

/** A value within a text: text as it is, nothing for undefined, JSON for the rest. */
function asText(value: Json | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function asList(value: Json | undefined): Json {
  if (value === undefined) return [];
  return Array.isArray(value) || value === null ? value : [value];
}

function later(value: Resolved, then: (value: Json | undefined) => Json | undefined): Resolved {
  return value instanceof Promise ? value.then(then) : then(value);
}

function all(values: readonly Resolved[], then: (values: (Json | undefined)[]) => Json): Resolved {
  if (values.some((value) => value instanceof Promise)) return Promise.all(values).then(then);
  return then(values as (Json | undefined)[]);
}

function matches(patterns: readonly string[] | undefined, path: readonly (string | number)[]): boolean {
  if (patterns === undefined || path.length === 0) return false;
  return patterns.some((pattern) => {
    const keys = pattern.split('.');
    return keys.length === path.length && keys.every((key, index) => key === '*' || key === String(path[index]));
  });
}

/** Reads a step's config with its type's expression, raw and list keys. */
export function compileConfig(config: JsonObject, type: StepDefinition | undefined): CompiledTemplate {
  return compileTemplate(config, templateOptionsOf(type));
}

const optionsOfType = new WeakMap<StepDefinition, TemplateOptions>();

/** The keys of a type's config that are read in a special way; its list keys are those whose schema is a list. */
export function templateOptionsOf(type: StepDefinition | undefined): TemplateOptions {
  if (type === undefined) return {};
  const known = optionsOfType.get(type);
  if (known) return known;
  const schema = z.toJSONSchema(type.config.resolved, { unrepresentable: 'any' });
  const listKeys = Object.entries(schema.properties ?? {}).flatMap(([key, property]) =>
    typeof property === 'object' && property.type === 'array' ? [key] : [],
  );
  const { expressionKeys, rawKeys, lateKeys = [], body } = type;
  const options = { expressionKeys, rawKeys, lateKeys, listKeys, ...(body === undefined ? {} : { strictLists: [body.items] }) };
  optionsOfType.set(type, options);
  return options;
}

/** The value with `steps.<from>` renamed in every expression that it holds; a value without one comes back as it is. */
export function renameInTemplate<T extends Json>(value: T, from: string, to: string, options: TemplateOptions = {}): T {
  const rename = (item: Json, path: readonly (string | number)[]): Json => {
    if (matches(options.rawKeys, path)) return item;
    if (typeof item === 'string') {
      if (matches(options.expressionKeys, path) || matches(options.lateKeys, path)) return renameReferences(item, from, to);
      if (!item.includes('{{')) return item;
      return splitTemplate(item)
        .parts.map((part) => (part.kind === 'text' ? part.text : `{{${renameReferences(part.source, from, to)}}}`))
        .join('');
    }
    if (Array.isArray(item)) {
      const items = item.map((member, index) => rename(member, [...path, index]));
      return items.some((member, index) => member !== item[index]) ? items : item;
    }
    if (!isJsonObject(item)) return item;
    const entries = Object.entries(item).map(([key, member]): [string, Json] => [key, rename(member, [...path, key])]);
    return entries.some(([key, member]) => member !== item[key]) ? Object.fromEntries(entries) : item;
  };
  return rename(value, []) as T;
}
