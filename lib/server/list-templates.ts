import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listTemplates as contract } from '#lib/contracts/templates.ts';
import { templateCatalog } from '#lib/templates/catalog.ts';
import { templateRow } from './template-view.ts';

/** One page of the gallery, in its order. */
export async function listTemplates(_access: Access, { query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { category, is_builtin: builtIn, limit, offset } = query;
  const matching = templateCatalog
    .map(templateRow)
    .filter((row) => category === undefined || row.category === category)
    .filter((row) => builtIn === undefined || row.is_builtin === (builtIn === 'true'));
  return { templates: matching.slice(offset, offset + limit), total: matching.length };
}
