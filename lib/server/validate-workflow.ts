import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { validateWorkflow as contract } from '#lib/contracts/workflows.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { readDraft } from '#lib/workflow/read-definition.ts';
import { validateDefinition } from '#lib/workflow/validate.ts';
import { workspaceProblems } from './workspace-problems.ts';

/** All faults of a definition together, and what it names that this workspace doesn't have. Stores nothing. */
export async function validateWorkflow(access: Access, { body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { errors, warnings } = validateDefinition(body.definition, stepCatalog);
  return { valid: errors.length === 0, errors, warnings: [...warnings, ...(await ofWorkspace(access, body.definition))] };
}

/** A definition that can't be read names nothing yet; its faults are told already. */
async function ofWorkspace(access: Access, value: unknown) {
  try {
    return await workspaceProblems(access, readDraft(value));
  } catch (cause) {
    if (cause instanceof Error && cause.message.startsWith('This is no definition')) return [];
    throw cause;
  }
}
