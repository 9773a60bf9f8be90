'use client';

import Link from 'next/link';
import type { ComponentProps, KeyboardEvent, ReactNode } from 'react';
import { cn } from './cn.ts';

/** A list of things of one kind. `label` names it for assistive technology. */
export function Table({ label, children, className }: { label: string; children: ReactNode; className?: string }) {
  return (
    <table aria-label={label} onKeyDown={walkRows} className={cn('w-full table-fixed border-collapse text-left', className)}>
      {children}
    </table>
  );
}

/** Arrow keys go from row to row. */
function walkRows(event: KeyboardEvent<HTMLTableElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0 || !(event.target instanceof HTMLElement) || !event.target.matches('[data-row-link]')) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row-link]')];
  const next = links[links.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Head of 28 px that stays at the top; hidden where rows become two lines. */
export function TableHead({ children }: { children: ReactNode }) {
  return (
    <thead className="sticky top-0 z-10 bg-bg-0 max-sm:hidden">
      <tr className="h-7 shadow-[inset_0_-1px_0_var(--line-1)]">{children}</tr>
    </thead>
  );
}

interface HeadCellProps extends ComponentProps<'th'> {
  readonly numeric?: boolean;
}

export function HeadCell({ numeric = false, className, ...rest }: HeadCellProps) {
  return <th scope="col" className={cn('whitespace-nowrap px-2 text-micro text-text-3', numeric && 'text-right', className)} {...rest} />;
}

interface TableRowProps extends ComponentProps<'tr'> {
  /** Runs are 32 px high, everything else 36. */
  readonly dense?: boolean;
}

/** The whole row is the link: put a `RowLink` into one cell. */
export function TableRow({ dense = false, className, ...rest }: TableRowProps) {
  return (
    <tr
      className={cn(
        'group/row relative border-line-1 border-b transition-hover last:border-b-0 focus-within:bg-hover hover:bg-hover max-sm:h-14',
        dense ? 'h-8' : 'h-9',
        className,
      )}
      {...rest}
    />
  );
}

interface CellProps extends ComponentProps<'td'> {
  readonly numeric?: boolean;
}

export function Cell({ numeric = false, className, ...rest }: CellProps) {
  return <td className={cn('px-2 align-middle text-body', numeric && 'whitespace-nowrap text-right', className)} {...rest} />;
}

/** The link of a row: its area is the whole row. Other controls of the row need `relative z-1`. */
export function RowLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link
      data-row-link=""
      className={cn(
        'after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:-outline-offset-2',
        className,
      )}
      {...rest}
    />
  );
}
