import { AppError } from '#lib/base/errors.ts';
import type { Problem } from '#lib/base/problem.ts';
import { zodProblems } from '#lib/base/zod-problems.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { type Definition, DraftDefinition } from '#lib/workflow/definition.ts';
import { validateDefinition } from '#lib/workflow/validate.ts';

/** A definition that may become a version or run; throws `validation_error` with every fault. */
export function requireValid(value: unknown): Definition {
  const { definition, errors } = validateDefinition(value, stepCatalog);
  if (definition === null) throw refusal(errors);
  return definition;
}

/** A definition that may be incomplete: its shape is right, its steps may not fit together yet. */
export function requireDraft(value: unknown): Definition {
  const result = DraftDefinition.safeParse(value);
  if (result.success) return result.data;
  throw refusal(zodProblems(result.error.issues));
}

function refusal(errors: readonly Problem[]): AppError {
  const first = errors[0]?.message ?? 'It is not readable';
  const message =
    errors.length === 1 ? `The definition is not valid: ${first}` : `The definition has ${errors.length} faults. The first: ${first}`;
  return new AppError('validation_error', message, { details: errors });
}
