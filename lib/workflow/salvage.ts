import type { z } from 'zod';
import { isJsonObject } from '#lib/base/json.ts';
import { Definition, Step } from './definition.ts';

/**
 * What can still be checked of a value whose schema check failed: every field that is right by itself. Steps keep their
 * places, so that JSON Pointers stay true. A step without a readable id or type has `''` there.
 */
export function salvage(value: unknown, faultySteps: ReadonlySet<number>): Definition {
  const source = isJsonObject(value) ? value : {};
  const steps = Array.isArray(source.steps) ? source.steps : [];
  const { steps: _, ...fields } = readableFields(source, Definition.shape, new Set(['steps']));
  return {
    ...fields,
    name: typeof source.name === 'string' ? source.name : '',
    // `Array.from` visits the holes of a sparse list too, which `map` would pass on.
    steps: Array.from(steps, (step: unknown, at) => (faultySteps.has(at) ? salvageStep(step) : (step as Step))),
  };
}

/** The steps of a body, whatever of them can be read. */
export function salvageSteps(value: unknown): Step[] {
  const steps: readonly unknown[] = Array.isArray(value) ? value : [];
  return Array.from(steps, (step) => (Step.safeParse(step).success ? (step as Step) : salvageStep(step)));
}

function salvageStep(value: unknown): Step {
  const source = isJsonObject(value) ? value : {};
  const { id: _id, type: _type, ...fields } = readableFields(source, Step.shape, new Set(['id', 'type']));
  return { ...fields, id: typeof source.id === 'string' ? source.id : '', type: typeof source.type === 'string' ? source.type : '' };
}

function readableFields<T extends Record<string, z.ZodType>>(
  source: Readonly<Record<string, unknown>>,
  shape: T,
  skip: ReadonlySet<string>,
): { [K in keyof T]?: z.infer<T[K]> } {
  const entries = Object.entries(shape).flatMap(([key, schema]) => {
    if (skip.has(key) || !Object.hasOwn(source, key)) return [];
    const member = source[key];
    const parsed = schema.safeParse(member);
    if (parsed.success) return parsed.data === undefined ? [] : [[key, parsed.data]];
    // One bad entry of a list must not hide what the others say.
    if (!Array.isArray(member)) return [];
    const kept = member.filter((item) => schema.safeParse([item]).success);
    return kept.length > 0 ? [[key, kept]] : [];
  });
  return Object.fromEntries(entries) as { [K in keyof T]?: z.infer<T[K]> };
}
