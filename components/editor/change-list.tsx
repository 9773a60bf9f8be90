import { cn } from '#components/ui/cn.ts';
import type { DefinitionDiff } from '#lib/workflow/diff.ts';

interface Line {
  readonly sign: '+' | '−' | '~';
  readonly text: string;
  readonly detail: string;
}

const HUES = { '+': 'text-diff-added', '−': 'text-diff-removed', '~': 'text-diff-changed' } as const;
const MAX_LINES = 12;

/** What changed, one line for each step. */
export function ChangeList({ diff }: { readonly diff: DefinitionDiff }) {
  const lines = linesOf(diff);
  const more = lines.length - MAX_LINES;
  return (
    <ul aria-label="Changes" className="flex flex-col rounded-control border border-line-1">
      {lines.slice(0, MAX_LINES).map((line) => (
        <li key={line.sign + line.text} className="flex h-7 items-center gap-2 border-line-1 border-b px-2 text-body last:border-b-0">
          <span className={cn('w-3 font-mono text-code font-semibold', HUES[line.sign])}>{line.sign}</span>
          <span className="shrink-0 truncate">{line.text}</span>
          <span className="min-w-0 truncate font-mono text-code-small text-text-3">{line.detail}</span>
        </li>
      ))}
      {more > 0 && <li className="flex h-7 items-center px-2 text-small text-text-3">and {more} more</li>}
    </ul>
  );
}

function linesOf(diff: DefinitionDiff): Line[] {
  const lines: Line[] = [
    ...diff.added.map((step): Line => ({ sign: '+', text: step.name ?? step.id, detail: step.type })),
    ...diff.removed.map((step): Line => ({ sign: '−', text: step.name ?? step.id, detail: step.type })),
    ...diff.changed.map(
      (step): Line => ({
        sign: '~',
        text: step.id,
        detail: [...step.fields.map((field) => field.path.slice(1).replaceAll('/', '.')), ...rewired(step)].join(', '),
      }),
    ),
    ...diff.renamed.map(({ from, to }): Line => ({ sign: '~', text: to, detail: `was ${from}` })),
    ...diff.workflow.map((field): Line => ({ sign: '~', text: 'Workflow', detail: field.path.slice(1) })),
  ];
  if (lines.length === 0 && diff.layoutOnly) lines.push({ sign: '~', text: 'Layout', detail: `${diff.layout.moved.length} moved` });
  return lines;
}

function rewired(step: DefinitionDiff['changed'][number]): string[] {
  return step.edgesAdded.length + step.edgesRemoved.length > 0 ? ['connections'] : [];
}
