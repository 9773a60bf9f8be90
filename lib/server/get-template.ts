import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { getTemplate as contract } from '#lib/contracts/templates.ts';
import { loadTemplate } from './template-view.ts';

/** A template with its parameters and its description. */
export async function getTemplate(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { template, row } = await loadTemplate(access, params.id);
  return { ...row, parameters: template.parameters as AnswerOf<typeof contract>['parameters'], readme: template.readme };
}
