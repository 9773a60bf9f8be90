import type { JsonObject } from '#lib/base/json.ts';
import type { Step } from './definition.ts';
import { compileExpression, type ExpressionProblem, type Reference } from './expression.ts';
import { type StepCatalog, stepType } from './step-type.ts';
import { compileConfig } from './template.ts';

/** Everything the expressions of one step read, with the JSON Pointer of the string within the step. */
export interface StepExpressions {
  readonly references: readonly (Reference & { readonly pointer: string })[];
  readonly problems: readonly (ExpressionProblem & { readonly pointer: string })[];
}

/** Step fields beside the config that are always an expression. */
export const CONDITION_KEYS = ['run_when', 'skip_when'] as const;

/** For callers without a catalog; one object, because what is read is cached by catalog. */
export const NO_TYPES: StepCatalog = {};

const NONE: StepExpressions = { references: [], problems: [] };
const caches = new WeakMap<StepCatalog, WeakMap<Step, StepExpressions>>();

/** The expressions of a step, read once for as long as the step object lives. */
export function expressionsOf(step: Step, catalog: StepCatalog): StepExpressions {
  let cache = caches.get(catalog);
  if (cache === undefined) {
    cache = new WeakMap();
    caches.set(catalog, cache);
  }
  const known = cache.get(step);
  if (known) return known;
  const made = read(step, catalog);
  cache.set(step, made);
  return made;
}

function read(step: Step, catalog: StepCatalog): StepExpressions {
  const parts = [
    ...(step.config === undefined ? [] : [readConfig(step.config, step.type, '/config', catalog)]),
    ...(step.undo?.config === undefined ? [] : [readConfig(step.undo.config, step.undo.type, '/undo/config', catalog)]),
    ...CONDITION_KEYS.flatMap((key) => {
      const text = step[key];
      if (text === undefined) return [];
      const { references, problems } = compileExpression(text);
      const pointer = `/${key}`;
      return [{ references: references.map((one) => ({ ...one, pointer })), problems: problems.map((one) => ({ ...one, pointer })) }];
    }),
  ].filter((part) => part.references.length > 0 || part.problems.length > 0);
  if (parts.length === 0) return NONE;
  return { references: parts.flatMap((part) => part.references), problems: parts.flatMap((part) => part.problems) };
}

function readConfig(config: JsonObject, type: string, prefix: string, catalog: StepCatalog): StepExpressions {
  const { references, problems } = compileConfig(config, stepType(catalog, type));
  if (references.length === 0 && problems.length === 0) return NONE;
  return {
    references: references.map((one) => ({ ...one, pointer: prefix + one.pointer })),
    problems: problems.map((one) => ({ ...one, pointer: prefix + one.pointer })),
  };
}
