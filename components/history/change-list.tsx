'use client';

import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '#components/ui/cn.ts';
import type { Step } from '#lib/workflow/definition.ts';
import type { DefinitionDiff } from '#lib/workflow/diff.ts';
import type { EdgeRef } from '#lib/workflow/edit-edges.ts';
import { ChangedValue, FieldRow, ValueLine } from './field-row.tsx';

interface ChangeListProps {
  readonly diff: DefinitionDiff;
  /** The steps of the later version, for their names. */
  readonly steps: readonly Step[];
  readonly selected: string | null;
  readonly onSelect: (stepId: string) => void;
}

const TABS = {
  added: { sign: '+', color: 'text-diff-added', word: 'Added' },
  removed: { sign: '−', color: 'text-diff-removed', word: 'Removed' },
  changed: { sign: '~', color: 'text-diff-changed', word: 'Changed' },
  rewired: { sign: '⇄', color: 'text-diff-rewired', word: 'Rewired' },
} as const;

/** What changed, in words: step by step, then the workflow's own fields, then layout. */
export function ChangeList({ diff, steps, selected, onSelect }: ChangeListProps) {
  if (diff.isEmpty) return <p className="p-4 text-body text-text-2">The two versions are the same.</p>;
  const common = { selected, onSelect };
  const nameOf = (id: string) => steps.find((step) => step.id === id)?.name ?? id;
  return (
    <div className="flex flex-col pb-4">
      {diff.brokenReferences.map((broken) => (
        <p key={`${broken.step}${broken.path}`} className="flex items-start gap-2 border-line-1 border-b px-4 py-2 text-body">
          <TriangleAlert className="mt-0.5 size-4 text-status-paused" aria-hidden />
          {broken.message}
        </p>
      ))}
      {diff.added.map((step) => (
        <Change key={step.id} kind="added" id={step.id} name={step.name ?? step.id} {...common} />
      ))}
      {diff.changed.map((change) => (
        <Change
          key={change.id}
          kind={change.fields.length > 0 || change.renamedFrom ? 'changed' : 'rewired'}
          id={change.id}
          name={nameOf(change.id)}
          {...common}
        >
          {change.renamedFrom === null ? null : <ChangedValue before={change.renamedFrom} after={change.id} label="Id" />}
          {change.fields.map((field) => (
            <FieldRow key={field.path} field={field} />
          ))}
          <Edges added={change.edgesAdded} removed={change.edgesRemoved} />
        </Change>
      ))}
      {diff.renamed
        .filter((rename) => !diff.changed.some((change) => change.id === rename.to))
        .map((rename) => (
          <Change key={rename.to} kind="changed" id={rename.to} name={nameOf(rename.to)} {...common}>
            <ChangedValue label="Id" before={rename.from} after={rename.to} />
          </Change>
        ))}
      {diff.removed.map((step) => (
        <Change key={step.id} kind="removed" id={step.id} name={step.name ?? step.id} {...common} />
      ))}
      {diff.workflow.length === 0 ? null : (
        <Change kind="changed" id={null} name="Workflow" {...common}>
          {diff.workflow.map((field) => (
            <FieldRow key={field.path} field={field} />
          ))}
        </Change>
      )}
      {diff.layout.moved.length === 0 && diff.layout.fields.length === 0 ? null : (
        <p className="px-4 py-2 text-small text-text-3">
          Layout only: {diff.layout.moved.length} moved, {diff.layout.fields.length} notes and groups changed.
        </p>
      )}
    </div>
  );
}

interface ChangeProps extends Omit<ChangeListProps, 'diff' | 'steps'> {
  readonly kind: keyof typeof TABS;
  readonly id: string | null;
  readonly name: string;
  readonly children?: ReactNode;
}

function Change({ kind, id, name, selected, onSelect, children }: ChangeProps) {
  const tab = TABS[kind];
  const title = (
    <>
      <span className={cn('w-4 shrink-0 text-center font-mono font-semibold text-code', tab.color)} aria-hidden>
        {tab.sign}
      </span>
      <span className={cn('min-w-0 flex-1 truncate font-medium', kind === 'removed' && 'line-through')}>{name}</span>
      <span className="text-small text-text-3">{tab.word}</span>
    </>
  );
  const look = cn('flex h-9 w-full items-center gap-2 px-4 text-left text-body', id !== null && id === selected && 'bg-active');
  return (
    <section className="border-line-1 border-b" aria-label={`${tab.word}: ${name}`}>
      {id === null ? (
        <div className={look}>{title}</div>
      ) : (
        <button type="button" className={cn(look, 'focus-inset hover:bg-hover')} onClick={() => onSelect(id)}>
          {title}
        </button>
      )}
      {children ? <div className="flex flex-col gap-2 px-4 pb-3">{children}</div> : null}
    </section>
  );
}

function Edges({ added, removed }: { added: readonly EdgeRef[]; removed: readonly EdgeRef[] }) {
  if (added.length + removed.length === 0) return null;
  const text = (edge: EdgeRef) => `${edge.from}${edge.branch === null ? '' : ` → ${edge.branch}`}`;
  return (
    <div>
      <p className="text-small text-text-2">Runs after</p>
      <div className="mt-0.5 overflow-hidden rounded-chip font-mono text-code">
        {removed.map((edge) => (
          <ValueLine key={text(edge)} sign="−" value={text(edge)} className="bg-diff-removed-tint" />
        ))}
        {added.map((edge) => (
          <ValueLine key={text(edge)} sign="+" value={text(edge)} className="bg-diff-added-tint" />
        ))}
      </div>
    </div>
  );
}
