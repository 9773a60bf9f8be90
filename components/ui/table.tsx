import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn.ts';

/** A list of things of one kind. `label` names it for assistive technology. */
export function Table({ label, children, className }: { label: string; children: ReactNode; className?: string }) {
  return (
    <table aria-label={label} className={cn('w-full table-fixed border-collapse text-left', className)}>
      {children}
    </table>
  );
}

/** Head of 28 px that stays at the top; hidden where rows become two lines. */
export function TableHead({ children }: { children: ReactNode }) {
  return (
    <thead className="sticky top-0 z-10 bg-bg-0 max-sm:sr-only">
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
  return <td className={cn('px-2 align-middle text-body', numeric && 'text-right', className)} {...rest} />;
}
