import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listTemplates as contract } from '#lib/contracts/templates.ts';
import { listTemplateRecords } from '#lib/db/templates.ts';
import { templateCatalog } from '#lib/templates/catalog.ts';
import { requireStorableText } from './storable-text.ts';
import { builtInRow, ownRow } from './template-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** One page of the gallery: the built-in ones in their order, then the workspace's own by name. */
export async function listTemplates(access: Access, { query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { category, is_builtin: origin, limit, offset } = query;
  requireStorableText({ category });
  const builtIn = origin === 'false' ? [] : templateCatalog.filter((one) => category === undefined || one.category === category);
  const first = builtIn.slice(offset, offset + limit);
  if (origin === 'true') return { templates: first.map(builtInRow), total: builtIn.length };
  const page = { skip: Math.max(0, offset - builtIn.length), take: limit - first.length };
  const own = await listTemplateRecords(workspaceUuid(access), category, page);
  return { templates: [...first.map(builtInRow), ...own.records.map(ownRow)], total: builtIn.length + own.total };
}
