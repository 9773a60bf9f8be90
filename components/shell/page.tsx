import type { ReactNode } from 'react';
import { cn } from '#components/ui/cn.ts';

interface PageProps {
  readonly children: ReactNode;
  /** Lists use the full width up to 1440 px, forms 640, prose 720. */
  readonly width?: 'list' | 'form' | 'prose';
}

const WIDTH = { list: 'max-w-360', form: 'max-w-160', prose: 'max-w-180' } as const;

/** The scrolling part of a page that is no canvas. */
export function Page({ children, width = 'list' }: PageProps) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto overflow-x-hidden">
      <div className={cn('mx-auto flex min-h-full flex-col px-6 pb-12 max-sm:px-4', width === 'list' ? WIDTH.list : 'max-w-360')}>
        {width === 'list' ? children : <div className={cn('w-full', WIDTH[width])}>{children}</div>}
      </div>
    </div>
  );
}

interface PageHeadProps {
  readonly title: string;
  /** 2 below a top bar that carries the page's name. */
  readonly level?: 1 | 2;
  /** How many there are, in `text-3`; absent while it is not known. */
  readonly count?: number | undefined;
  readonly filters?: ReactNode;
  readonly actions?: ReactNode;
}

/** Title, count, filters and the one primary action: 56 px, two lines on narrow screens. */
export function PageHead({ title, level = 1, count, filters, actions }: PageHeadProps) {
  const Heading = level === 1 ? 'h1' : 'h2';
  return (
    <div className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <Heading className="flex items-baseline gap-2 text-title max-lg:flex-1">
        {title}
        {count !== undefined ? (
          <span className="font-normal text-body text-text-3 tracking-normal">{count.toLocaleString('en-US')}</span>
        ) : null}
      </Heading>
      {filters ? (
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-2 max-lg:order-3 max-lg:basis-full">{filters}</div>
      ) : (
        <div className="flex-1 max-lg:hidden" />
      )}
      {actions ? <div className="flex items-center gap-2">{actions}</div> : null}
    </div>
  );
}
