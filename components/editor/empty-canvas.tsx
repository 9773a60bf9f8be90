import { ClipboardPaste, LayoutTemplate, type LucideIcon, Plus } from 'lucide-react';
import Link from 'next/link';
import { runCommand } from '#components/shell/commands.ts';
import { Kbd } from '#components/ui/kbd.tsx';

const look =
  'flex h-14 w-60 items-center gap-2.5 rounded-card border border-dashed border-line-3 bg-bg-2 px-3 text-left transition-hover hover:border-text-3 hover:bg-hover';

/** The first canvas: three ways to begin, where the first card will stand. */
export function EmptyCanvas() {
  return (
    <div className="pointer-events-none absolute inset-0 z-5 flex items-center justify-center p-6">
      <div className="pointer-events-auto flex flex-wrap justify-center gap-6">
        <button type="button" className={look} onClick={() => runCommand('editor.add')}>
          <Ghost Icon={Plus} title="Add the first step" line="or drag one from the left" keys="a" />
        </button>
        <Link href="/templates" className={look}>
          <Ghost Icon={LayoutTemplate} title="Start from a template" line="a working workflow to change" />
        </Link>
        <div className={look}>
          <Ghost Icon={ClipboardPaste} title="Paste steps" line="copied elsewhere" keys="mod+v" />
        </div>
      </div>
    </div>
  );
}

interface GhostProps {
  readonly Icon: LucideIcon;
  readonly title: string;
  readonly line: string;
  readonly keys?: string;
}

function Ghost({ Icon, title, line, keys }: GhostProps) {
  return (
    <>
      <span className="grid size-8 shrink-0 place-items-center rounded-control bg-sunken text-text-2">
        <Icon className="size-4" aria-hidden />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate text-body font-medium">{title}</span>
        <span className="block truncate text-small text-text-3">{line}</span>
      </span>
      {keys && <Kbd keys={keys} />}
    </>
  );
}
