import type { Json } from '#lib/base/json.ts';
import type { ExpressionScope } from './expression-scope.ts';

/** A part of the scope that an expression reads. Offsets are into the text that was given. */
export interface Reference {
  /** First word of the path: one of EXPRESSION_ROOTS, or a word that is none. `*` where it reads everything. */
  readonly root: string;
  /** With root `steps`: the id of the step, or null where the step is not known from the text. */
  readonly step: string | null;
  /** The names after the root (and the step) as far as they are plain: `['output', 'items']`. */
  readonly path: readonly string[];
  /** Where the plain part stands. */
  readonly start: number;
  readonly end: number;
  /** Where the step's id stands (with its backticks), or null without a step. */
  readonly stepSpan: { readonly start: number; readonly end: number } | null;
}

/** Why an expression cannot be read, for an author. */
export interface ExpressionProblem {
  readonly code: 'EXPRESSION_SYNTAX';
  readonly message: string;
  /** Offset into the text that was given. */
  readonly position: number;
}

/** An expression that was read once. Never throws to build; one with problems throws when it is evaluated. */
export interface Compiled {
  readonly text: string;
  readonly references: readonly Reference[];
  readonly problems: readonly ExpressionProblem[];
  /** The lane without the interpreter, for plain expressions; null for others. */
  readonly fast: ((scope: ExpressionScope) => Json | undefined) | null;
  /** False: it may loop or grow, and must run in a thread that can be stopped. */
  readonly inPlace: boolean;
}

/** What an expression reads, and why it cannot be read. With or without its braces; never throws. */
export declare function referencesOf(text: string): {
  readonly references: readonly Reference[];
  readonly problems: readonly ExpressionProblem[];
};

/** The expression with every `steps.<from>` renamed to `steps.<to>` (backticks where the id needs them). */
export declare function renameReferences(text: string, from: string, to: string): string;

/** Reads an expression, with or without its braces. Cached. */
export declare function compileExpression(text: string): Compiled;

/** Synchronous where the fast lane takes it, else a promise. Throws or rejects with ExpressionError. */
export declare function evaluateInPlace(compiled: Compiled, scope: ExpressionScope): Json | undefined | Promise<Json | undefined>;

/** How a condition reads a value: false for undefined, null, 0, '', {}, and lists without a true item (JSONata's `$boolean`). */
export declare function isTruthy(value: Json | undefined): boolean;

/** True for an id that can stand in an expression without backticks. */
export declare function isPlainName(id: string): boolean;
