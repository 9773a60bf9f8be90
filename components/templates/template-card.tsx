'use client';

import Link from 'next/link';
import { useCan } from '#components/shell/session.tsx';
import { plural } from '#lib/client/format.ts';
import type { TemplateRow } from '#lib/contracts/templates.ts';
import { DeleteTemplate } from './delete-template.tsx';
import { TemplateGraph } from './template-graph.tsx';

/** One template of the gallery; the whole card is the link. */
export function TemplateCard({ template }: { template: TemplateRow }) {
  const mayWrite = useCan('workflows:write');
  return (
    <li className="relative flex flex-col overflow-hidden rounded-card border border-line-2 bg-bg-2 transition-hover hover:border-line-3">
      <TemplateGraph definition={template.definition} className="h-36 border-line-1 border-b" />
      <div className="flex flex-1 flex-col gap-1 p-3">
        <h2 className="truncate text-heading">
          <Link
            href={`/templates/${encodeURIComponent(template.id)}`}
            className="after:absolute after:inset-0 after:rounded-card focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:-outline-offset-2"
          >
            {template.name}
          </Link>
        </h2>
        <p className="line-clamp-2 min-h-10 text-body text-text-2">{template.description}</p>
        <div className="flex min-h-7 items-center justify-between gap-2 pt-1">
          <p className="truncate text-small text-text-3">
            {template.category} · {plural(template.step_count, 'step')} · {template.is_builtin ? needsOf(template) : 'your own'}
          </p>
          {mayWrite && !template.is_builtin ? <DeleteTemplate template={template} /> : null}
        </div>
      </div>
    </li>
  );
}

/** What it needs, in one line. */
export function needsOf(template: Pick<TemplateRow, 'needs'>): string {
  return template.needs.length === 0 ? 'needs nothing' : `needs: ${template.needs.join(', ')}`;
}
