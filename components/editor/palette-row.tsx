import { cn } from '#components/ui/cn.ts';
import { StepIcon } from '../graph/step-icon.tsx';
import type { PaletteEntry } from './palette-entries.ts';

interface PaletteRowProps extends Omit<React.ComponentProps<'button'>, 'children'> {
  readonly entry: PaletteEntry;
  readonly active?: boolean;
}

/** One step type: tile, name with the hit letters bold, one-line purpose. */
export function PaletteRow({ entry: { type, hits }, active = false, className, ...rest }: PaletteRowProps) {
  return (
    <button
      type="button"
      className={cn(
        'flex h-10 w-full items-center gap-2 rounded-control px-2 text-left transition-hover hover:bg-hover focus-inset coarse:h-12',
        active && 'bg-hover',
        className,
      )}
      {...rest}
    >
      <span className="grid size-6 shrink-0 place-items-center rounded-chip bg-sunken text-text-2">
        <StepIcon name={type.icon} size={14} />
      </span>
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="truncate text-body leading-4.5">{marked(type.title, hits)}</span>
        <span className="truncate text-small text-text-3" title={type.summary}>
          {type.summary}
        </span>
      </span>
    </button>
  );
}

function marked(title: string, hits: PaletteEntry['hits']): React.ReactNode {
  const [hit] = hits;
  if (hit === undefined) return title;
  return (
    <>
      {title.slice(0, hit.start)}
      <b className="font-semibold">{title.slice(hit.start, hit.end)}</b>
      {title.slice(hit.end)}
    </>
  );
}
