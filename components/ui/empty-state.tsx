import type { ReactNode } from 'react';
import { cn } from './cn.ts';
import { Kbd } from './kbd.tsx';

interface EmptyStateProps {
  readonly title: string;
  /** One sentence that says what to do next. */
  readonly children: ReactNode;
  /** One button. */
  readonly action?: ReactNode;
  readonly shortcut?: string;
  readonly className?: string;
}

/** Stands where the content will stand, left-aligned. */
export function EmptyState({ title, children, action, shortcut, className }: EmptyStateProps) {
  return (
    <div className={cn('flex max-w-120 flex-col items-start gap-1', className)}>
      <h2 className="text-heading">{title}</h2>
      <p className="text-body text-text-2">{children}</p>
      {action ? (
        <div className="mt-3 flex items-center gap-2">
          {action}
          {shortcut ? <Kbd keys={shortcut} className="max-sm:hidden" /> : null}
        </div>
      ) : null}
    </div>
  );
}
