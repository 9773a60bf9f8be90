import { Definition, DraftDefinition } from './definition.ts';

/**
 * Steps from older shapes of the stored document to the current one, oldest first. Each takes what the one before gave
 * and must leave a current document as it is. Stored definitions are never rewritten: they are raised when they are read.
 */
const UPCASTS: readonly ((value: unknown) => unknown)[] = [];

/**
 * The only door through which a definition comes out of storage or an import: raise, then parse. Throws a plain Error
 * that names the first fault; what users send goes through `validateDefinition`, which reports all of them.
 */
export function readDefinition(value: unknown): Definition {
  return parsed(Definition.safeParse(upcast(value)));
}

/** As `readDefinition`, for the working copy, which may have no steps yet. */
export function readDraft(value: unknown): Definition {
  return parsed(DraftDefinition.safeParse(upcast(value)));
}

/** The value in the current shape, before it is checked. */
export function upcast(value: unknown): unknown {
  return UPCASTS.reduce((current, raise) => raise(current), value);
}

function parsed(result: ReturnType<typeof Definition.safeParse>): Definition {
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Error(`This is no definition: ${issue?.message ?? 'unreadable'} at /${issue?.path.map(String).join('/') ?? ''}`);
}
