import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { validateWorkflow as contract } from '#lib/contracts/workflows.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { validateDefinition } from '#lib/workflow/validate.ts';

/** All faults of a definition together. Stores nothing. */
export async function validateWorkflow(_access: Access, { body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { errors, warnings } = validateDefinition(body.definition, stepCatalog);
  return { valid: errors.length === 0, errors, warnings };
}
