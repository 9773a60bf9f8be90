import type { Problem } from '#lib/base/problem.ts';
import type { Definition } from './definition.ts';
import type { StepCatalog } from './step-type.ts';

/** What a check found. Errors refuse a version, warnings don't. `definition` is null where there are errors. */
export interface Validation {
  readonly definition: Definition | null;
  readonly errors: Problem[];
  readonly warnings: Problem[];
}

/** All faults of a value at once, each with its step, JSON Pointer, stable code and text. Never throws on any JSON. */
export declare function validateDefinition(value: unknown, catalog: StepCatalog): Validation;
