'use client';

import { ChevronLeft } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Fragment, type ReactNode } from 'react';
import { cn } from '#components/ui/cn.ts';
import { tabLook } from '#components/ui/tabs.tsx';

export interface Crumb {
  readonly label: string;
  readonly href: string;
}

export interface BarTab {
  readonly label: string;
  readonly href: string;
}

interface TopBarProps {
  /** Parents of this page, outermost first. */
  readonly crumbs: readonly Crumb[];
  /** The page's own name: text, or an `EditableText`. */
  readonly title: ReactNode;
  /** Version or status chips right of the name. */
  readonly chip?: ReactNode;
  /** Saved state: icon and word. */
  readonly state?: ReactNode;
  readonly tabs?: readonly BarTab[];
  /** Ghost icons, secondary buttons, then one primary. */
  readonly actions?: ReactNode;
}

/** One 44 px line above a page. On narrow screens: back, name, state, actions; the tabs get a line of their own. */
export function TopBar({ crumbs, title, chip, state, tabs = [], actions }: TopBarProps) {
  const back = crumbs.at(-1);
  return (
    <header className="shrink-0 border-line-1 border-b bg-bg-1">
      <div className="flex h-11 items-center gap-2 px-3 max-sm:pl-1 coarse:h-14">
        {back ? (
          <Link
            href={back.href}
            aria-label={`Back to ${back.label}`}
            className="flex size-9 shrink-0 items-center justify-center rounded-control text-text-2 hover:bg-hover sm:hidden"
          >
            <ChevronLeft className="size-4" aria-hidden />
          </Link>
        ) : null}
        <div className="flex min-w-0 items-center gap-2 sm:shrink">
          <Breadcrumb crumbs={crumbs} title={title} />
          {chip ? <span className="flex shrink-0 items-center gap-1 max-sm:hidden">{chip}</span> : null}
          {state ? <span className="shrink-0">{state}</span> : null}
        </div>
        {tabs.length > 0 ? <BarTabs tabs={tabs} className="ml-2 h-full max-md:hidden" /> : null}
        <div className="min-w-0 flex-1" />
        {actions ? <div className="flex shrink-0 items-center gap-2">{actions}</div> : null}
      </div>
      {tabs.length > 0 ? <BarTabs tabs={tabs} className="h-9 overflow-x-auto px-1 md:hidden" /> : null}
    </header>
  );
}

function Breadcrumb({ crumbs, title }: { crumbs: readonly Crumb[]; title: ReactNode }) {
  return (
    <nav aria-label="Breadcrumb" className="flex min-w-0 items-center gap-1.5 text-body">
      {crumbs.map((crumb) => (
        <Fragment key={crumb.href}>
          <Link
            href={crumb.href}
            className="max-w-48 shrink-0 truncate rounded-chip text-text-3 transition-hover hover:text-text-1 max-sm:hidden"
          >
            {crumb.label}
          </Link>
          <span aria-hidden className="text-text-3 max-sm:hidden">
            /
          </span>
        </Fragment>
      ))}
      <h1 aria-current="page" className="min-w-0 truncate font-medium text-text-1">
        {title}
      </h1>
    </nav>
  );
}

function BarTabs({ tabs, className }: { tabs: readonly BarTab[]; className?: string }) {
  const path = usePathname();
  return (
    <nav aria-label="Views" className={cn('flex shrink-0 items-stretch', className)}>
      {tabs.map((tab) => {
        const current = path === tab.href;
        return (
          <Link
            key={tab.href}
            href={tab.href}
            aria-current={current ? 'page' : undefined}
            data-state={current ? 'active' : 'inactive'}
            className={tabLook}
          >
            {tab.label}
          </Link>
        );
      })}
    </nav>
  );
}
