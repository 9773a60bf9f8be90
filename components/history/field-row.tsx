import { cn } from '#components/ui/cn.ts';
import type { Json } from '#lib/base/json.ts';
import type { FieldChange } from '#lib/workflow/field-changes.ts';

/** One field that differs, old over new. */
export function FieldRow({ field }: { field: FieldChange }) {
  return <ChangedValue label={field.label} before={field.before} after={field.after} />;
}

/** A labelled value, old over new; either may be absent. */
export function ChangedValue({ label, before, after }: { label: string; before?: Json | undefined; after?: Json | undefined }) {
  return (
    <div>
      <p className="text-small text-text-2">{label}</p>
      <div className="mt-0.5 overflow-hidden rounded-chip font-mono text-code">
        {before === undefined ? null : <ValueLine sign="−" value={before} className="bg-diff-removed-tint" />}
        {after === undefined ? null : <ValueLine sign="+" value={after} className="bg-diff-added-tint" />}
      </div>
    </div>
  );
}

/** One side of a change, with its sign in the gutter. */
export function ValueLine({ sign, value, className }: { sign: string; value: Json; className: string }) {
  return (
    <div className={cn('flex gap-2 px-2 py-0.5', className)}>
      <span className="shrink-0 text-text-3">{sign}</span>
      <span className="min-w-0 whitespace-pre-wrap break-words">{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</span>
    </div>
  );
}
