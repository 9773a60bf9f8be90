import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Compiled, ExpressionProblem, Reference } from './expression.ts';
import type { ExpressionScope } from './expression-scope.ts';
import type { StepDefinition } from './step-type.ts';

/** One piece of a text: plain, or an expression with its place (`start` is the first of `{{`, `end` after `}}`). */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string; readonly start: number; readonly end: number }
  | { readonly kind: 'expression'; readonly source: string; readonly sourceStart: number; readonly start: number; readonly end: number };

/** Splits a text at its `{{ … }}`. `unclosed` is the offset of a `{{` without an end. Joined, the parts are the text. */
export declare function splitTemplate(text: string): { readonly parts: readonly TemplatePart[]; readonly unclosed: number | null };

/** How the keys of a config are read. A pattern is a path of keys with `*` for every item, such as `cases.*.when`. */
export interface TemplateOptions {
  readonly expressionKeys?: readonly string[];
  readonly rawKeys?: readonly string[];
  readonly listKeys?: readonly string[];
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
   * The value with every expression replaced by its result. Stays synchronous when every expression took the fast lane.
   * Throws or rejects with ExpressionError whose `path` is the pointer of the string.
   */
  resolve(scope: ExpressionScope, evaluate?: Evaluate): Json | undefined | Promise<Json | undefined>;
}

/** Reads a value of JSON whose strings may hold `{{ … }}`. Never throws; not cached: keep it with the definition. */
export declare function compileTemplate(value: Json, options?: TemplateOptions): CompiledTemplate;

/** Reads a step's config with its type's expression, raw and list keys. */
export declare function compileConfig(config: JsonObject, type: StepDefinition | undefined): CompiledTemplate;

/** The value with `steps.<from>` renamed to `steps.<to>` in every expression that it holds. Equal values come back as they are. */
export declare function renameInTemplate<T extends Json>(value: T, from: string, to: string, options?: TemplateOptions): T;

/** The keys of a type's config that are read in a special way. */
export declare function templateOptionsOf(type: StepDefinition | undefined): TemplateOptions;
