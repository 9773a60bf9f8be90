import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Scope } from './expressions.ts';
import type { N8nNode } from './workflow-file.ts';

/** What a node is translated with. */
export interface NodeScope extends Scope {
  /** What comes in at each input, as paths; null where nothing is connected. */
  readonly inputs: readonly (string | null)[];
  /** Says that a node does nearly the same. */
  approximate(reason: string): void;
}

/** The step that a node becomes. */
export interface TranslatedStep {
  readonly type: string;
  readonly config: JsonObject;
  /** The branches by output; without it there is one output and no branch. */
  readonly branches?: readonly (readonly string[])[];
}

/** How nodes of one kind become steps. */
export interface NodeTranslator {
  /** What the next node reads: the step's own output below a path of it, or what came in, unchanged. */
  readonly gives: 'input' | ((node: N8nNode) => string);
  readonly step: (node: N8nNode, scope: NodeScope) => TranslatedStep;
}

/** A step that gives one value. */
export function valueStep(expression: string): TranslatedStep {
  return { type: 'transform', config: { expression } };
}

/** An object without the members that have no value. */
export function present(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(members).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}
