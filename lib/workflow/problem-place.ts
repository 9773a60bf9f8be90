import type { Problem } from '#lib/base/problem.ts';
import type { Definition, Step } from './definition.ts';
import type { Edit } from './edit.ts';
import { bodyDefinition } from './edit-body.ts';
import { type StepCatalog, stepType } from './step-type.ts';

/** Where a problem of a step is. */
export interface ProblemPlace {
  /** The loops around it, from the outermost. */
  readonly way: readonly string[];
  /** The steps that it is among. */
  readonly around: Definition;
  readonly step: Step;
  readonly index: number;
  /** From the step on, unescaped: `['config', 'url']`. */
  readonly path: readonly string[];
  readonly catalog: StepCatalog;
}

/** Finds what a problem's JSON Pointer is about, into loops too; null where it is of no step. */
export function placeOfProblem(problem: Pick<Problem, 'path'>, definition: Definition, catalog: StepCatalog): ProblemPlace | null {
  const tokens = problem.path
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const way: string[] = [];
  let around = definition;
  for (let at = 0; ; ) {
    if (tokens[at] !== 'steps') return null;
    const index = Number(tokens[at + 1]);
    const step = around.steps[index];
    if (step === undefined) return null;
    at += 2;
    const inside = stepType(catalog, step.type)?.body?.steps;
    const body =
      tokens[at] === 'config' && tokens[at + 1] === inside && tokens[at + 2] !== undefined ? bodyDefinition(step, catalog) : null;
    if (body === null) return { way, around, step, index, path: tokens.slice(at), catalog };
    way.push(step.id);
    around = body;
    at += 1;
  }
}

/** The value at a path within a step; `undefined` where there is none. */
export function valueWithin(step: Step, path: readonly string[]): unknown {
  let value: unknown = step;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** A number in a pointer is an index only where a list stands there. */
export function keyOrIndex(root: unknown): (key: string) => string | number {
  let value = root;
  return (key) => {
    const isList = Array.isArray(value);
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
    return isList ? Number(key) : key;
  };
}

/** One way to mend a problem: words for a button, and the edit of the whole document that does it. */
export interface QuickFix {
  readonly label: string;
  readonly edit: Edit;
}

/** What mends problems of one code, as edits of the steps that the problem is among. */
export type Fixer = (place: ProblemPlace, problem: Problem) => readonly QuickFix[];
