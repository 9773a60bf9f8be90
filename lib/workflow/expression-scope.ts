import type { Json, JsonObject } from '#lib/base/json.ts';

/** Words that an expression may start a path with. */
export const EXPRESSION_ROOTS = [
  'input',
  'steps',
  'item',
  'index',
  'outer',
  'run',
  'workflow',
  'context',
  'args',
  'event',
  'secrets',
  'mock',
] as const;

/** What `steps.<id>` holds; a key that is absent is undefined in the expression. */
export interface StepValue {
  readonly output?: Json;
  readonly error?: Json;
  readonly status?: string;
  readonly branch?: string | null;
}

/** What an expression may read. A root that is absent is undefined in the expression. */
export interface ScopeValues {
  readonly input?: Json;
  readonly steps?: Readonly<Record<string, StepValue>>;
  readonly item?: Json;
  readonly index?: number;
  /** `item`, `index` and `outer` of the loop around this one. */
  readonly outer?: Json;
  readonly run?: JsonObject;
  readonly workflow?: JsonObject;
  readonly context?: Json;
  readonly args?: Json;
  /** The payload of the event that a wait looks at. */
  readonly event?: Json;
  /** Given for a config only, never for a condition. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly mock?: { readonly url: string };
}

/** The values, and what makes `$now()`, `$millis()`, `$random()` and `$shuffle()` the same on every replay. */
export interface ExpressionScope {
  readonly values: ScopeValues;
  /** Milliseconds since the epoch that `$now()` and `$millis()` answer. */
  readonly now: number;
  /** Any text that stays the same over retries and take-overs, such as `run id : step key : execution`. */
  readonly seed: string;
}

/** Why an expression has no value. */
export const EXPRESSION_ERROR_CODES = [
  /** It cannot be read. */
  'EXPRESSION_SYNTAX',
  /** It can be read and its evaluation failed. */
  'EXPRESSION_ERROR',
  /** It took longer than its limit. */
  'EXPRESSION_TIMEOUT',
  /** It recursed too deep, or made or read more than its memory limit. */
  'EXPRESSION_LIMIT',
] as const;
export type ExpressionErrorCode = (typeof EXPRESSION_ERROR_CODES)[number];

/** A failed expression: what happened, where in the text, and where in the config. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly code: ExpressionErrorCode;
  /** Offset into the text as its author wrote it, or null. */
  readonly position: number | null;
  /** JSON Pointer of the string within the config, `''` where it stands alone. */
  readonly path: string;

  constructor(code: ExpressionErrorCode, message: string, options: { position?: number | null; path?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.position = options.position ?? null;
    this.path = options.path ?? '';
  }

  /** The same error, at a place in a config. */
  at(path: string): ExpressionError {
    return new ExpressionError(this.code, this.message, { position: this.position, path: path + this.path, cause: this.cause });
  }
}
