import type { Json } from '#lib/base/json.ts';
import type { Definition, Step } from './definition.ts';
import type { EdgeRef } from './edit-edges.ts';
import type { StepCatalog } from './step-type.ts';

/** One field that differs. `path` is a JSON Pointer within the step (or, for workflow fields, the definition). */
export interface FieldChange {
  readonly path: string;
  /** Words for people: `Config › url`. */
  readonly label: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before?: Json;
  readonly after?: Json;
}

/** A step that is in both, by the id it has after. `renamedFrom` where its id changed. */
export interface StepChange {
  readonly id: string;
  readonly renamedFrom: string | null;
  readonly fields: readonly FieldChange[];
  readonly edgesAdded: readonly EdgeRef[];
  readonly edgesRemoved: readonly EdgeRef[];
}

/** A reference that leads nowhere since a step went away. */
export interface BrokenReference {
  /** Step that holds the reference; null where the workflow itself does. */
  readonly step: string | null;
  readonly path: string;
  readonly missing: string;
  readonly message: string;
}

/** What changed between two definitions, in the words of people. */
export interface DefinitionDiff {
  /** `Added 1 step, modified 1 step`, `Removed 1 step`, `Layout only`, `No changes`, … */
  readonly summary: string;
  readonly isEmpty: boolean;
  readonly layoutOnly: boolean;
  readonly added: readonly Step[];
  readonly removed: readonly Step[];
  /** Fields or edges differ (layout does not count); includes renamed steps that also changed otherwise. */
  readonly changed: readonly StepChange[];
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  /** Steps stand in another order, which decides ties between ready steps. */
  readonly reordered: boolean;
  readonly edgesAdded: readonly EdgeRef[];
  readonly edgesRemoved: readonly EdgeRef[];
  readonly workflow: readonly FieldChange[];
  /** Ids of steps that moved, and notes and groups that differ. */
  readonly layout: { readonly moved: readonly string[]; readonly fields: readonly FieldChange[] };
  readonly brokenReferences: readonly BrokenReference[];
  /** For version lists: steps added, changed (or renamed) and removed. */
  readonly counts: { readonly added: number; readonly changed: number; readonly removed: number };
}

/** The semantic difference. Equal definitions give an empty one. */
export declare function diffDefinitions(before: Definition, after: Definition, catalog?: StepCatalog): DefinitionDiff;
