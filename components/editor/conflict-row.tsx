import { cn } from '#components/ui/cn.ts';
import { Segmented } from '#components/ui/segmented.tsx';
import type { Json } from '#lib/base/json.ts';
import type { ConflictField, MergeConflict, Side } from '#lib/workflow/merge.ts';

interface ConflictRowProps {
  readonly conflict: MergeConflict;
  readonly name: string | null;
  readonly side: Side;
  readonly onChoose: (side: Side) => void;
}

const KINDS = { step: 'Step', note: 'Note', group: 'Group', workflow: 'Settings of the workflow', edges: 'Connections' } as const;
const SIDES = [
  { value: 'mine', label: 'Mine' },
  { value: 'theirs', label: 'Theirs' },
] as const;

/** One thing that both sides changed: the fields of each, and whose stands. */
export function ConflictRow({ conflict, name, side, onChoose }: ConflictRowProps) {
  const { kind, id, removedBy, fields } = conflict;
  const title = name ?? id ?? KINDS[kind];
  return (
    <li className="rounded-control border border-line-1">
      <div className="flex flex-wrap items-center gap-2 border-line-1 border-b px-3 py-1.5">
        <span className="min-w-0 truncate font-medium text-body">{title}</span>
        {id !== null && title !== id && <span className="min-w-0 truncate font-mono text-code-small text-text-3">{id}</span>}
        <span className="flex-1" />
        <Segmented label={`Whose ${title} stands`} options={SIDES} value={side} onValueChange={onChoose} />
      </div>
      <div className="flex flex-col gap-2 px-3 py-2">
        {kind === 'edges' && (
          <p className="text-body text-text-2">Together the connections of both sides run in a circle. Those of one side will be used.</p>
        )}
        {removedBy !== null && (
          <p className="text-body text-text-2">
            {removedBy === 'mine'
              ? 'You deleted this; they changed it or built on it.'
              : 'They deleted this; you changed it or built on it.'}
          </p>
        )}
        {fields.map((field) => (
          <FieldSides key={field.label} field={field} side={side} removedBy={removedBy} />
        ))}
      </div>
    </li>
  );
}

function FieldSides({ field, side, removedBy }: { readonly field: ConflictField; readonly side: Side; readonly removedBy: Side | null }) {
  return (
    <div>
      <p className="text-small text-text-2">{field.label}</p>
      <div className="mt-1 grid grid-cols-2 gap-2 max-sm:grid-cols-1">
        {SIDES.map(({ value, label }) => (
          <div
            key={value}
            className={cn(
              'min-w-0 rounded-chip border px-2 py-1 font-mono text-code',
              value === side ? 'border-accent' : 'border-line-1 text-text-2',
            )}
          >
            <span className="block font-sans text-micro text-text-3">{label}</span>
            <Value value={removedBy === value ? undefined : field[value]} />
          </div>
        ))}
      </div>
      {field.base !== undefined && (
        <p className="mt-1 truncate text-small text-text-3">
          was <Value value={field.base} />
        </p>
      )}
    </div>
  );
}

function Value({ value }: { readonly value: Json | undefined }) {
  const text = value === undefined ? '—' : typeof value === 'string' ? value : JSON.stringify(value, null, 1);
  return <span className="whitespace-pre-wrap break-words font-mono text-code">{text}</span>;
}
