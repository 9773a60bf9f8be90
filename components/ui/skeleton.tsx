import { cn } from './cn.ts';

/** The exact box of what will stand here. Give it the size by class; it shows itself after 150 ms. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn('block animate-late rounded-chip bg-hover', className)} />;
}

/** Says to assistive technology that the region is loading. */
export function LoadingText({ children = 'Loading' }: { children?: string }) {
  return (
    <span role="status" className="sr-only">
      {children}
    </span>
  );
}
