'use client';

import type { LucideIcon } from 'lucide-react';
import Link from 'next/link';
import type { ReactElement } from 'react';
import { cn } from '#components/ui/cn.ts';
import { Kbd } from '#components/ui/kbd.tsx';
import { Tooltip } from '#components/ui/tooltip.tsx';

const itemLook =
  'group flex h-control w-full shrink-0 items-center gap-2 rounded-control px-2 text-left text-body text-text-2 transition-hover focus-inset hover:bg-hover hover:text-text-1';

interface ItemProps {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly keys?: string;
  /** The rail shows words. */
  readonly open: boolean;
}

export function RailLink({ href, current, count = 0, ...item }: ItemProps & { href: string; current: boolean; count?: number }) {
  return (
    <Folded {...item}>
      <Link
        href={href}
        aria-current={current ? 'page' : undefined}
        className={cn(itemLook, 'relative', current && 'bg-active font-medium text-text-1 hover:bg-active')}
      >
        <ItemFace icon={item.icon} label={item.label} open={item.open} />
        {count > 0 ? <Waiting count={count} open={item.open} /> : null}
      </Link>
    </Folded>
  );
}

export function RailButton({ onClick, ...item }: ItemProps & { onClick: () => void }) {
  return (
    <Folded {...item}>
      <button type="button" onClick={onClick} className={itemLook}>
        <ItemFace icon={item.icon} label={item.label} open={item.open} />
        {item.open && item.keys ? <Kbd keys={item.keys} className="ml-auto max-lg:hidden" /> : null}
      </button>
    </Folded>
  );
}

/** How much waits there; a folded rail has room for a dot alone. */
function Waiting({ count, open }: { count: number; open: boolean }) {
  return (
    <>
      <span className={open ? 'ml-auto font-mono text-code-small text-text-2 max-lg:sr-only' : 'sr-only'}>
        {count > 99 ? '99+' : count}
        <span className="sr-only"> waiting</span>
      </span>
      <span aria-hidden className={cn('absolute top-1 right-1 size-1.5 rounded-full bg-accent', open && 'lg:hidden')} />
    </>
  );
}

/** A folded rail names its icons in tooltips. */
function Folded({ open, label, keys, children }: ItemProps & { children: ReactElement }) {
  if (open) return children;
  return (
    <Tooltip content={label} shortcut={keys} side="right">
      {children}
    </Tooltip>
  );
}

function ItemFace({ icon: Icon, label, open }: { icon: LucideIcon; label: string; open: boolean }) {
  return (
    <>
      <Icon className="size-4" aria-hidden />
      <span className={open ? 'min-w-0 truncate max-lg:sr-only' : 'sr-only'}>{label}</span>
    </>
  );
}
