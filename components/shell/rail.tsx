'use client';

import { useQuery } from '@tanstack/react-query';
import { Keyboard, PanelLeftClose, PanelLeftOpen, Search } from 'lucide-react';
import { usePathname } from 'next/navigation';
import { useSyncExternalStore } from 'react';
import { cn } from '#components/ui/cn.ts';
import { approvalCountOptions } from '#lib/client/approvals.ts';
import { APPROVALS_HREF, isUnder, MAIN_DESTINATIONS, SETTINGS } from './navigation.ts';
import { PersonMenu } from './person-menu.tsx';
import { RailButton, RailLink } from './rail-item.tsx';
import { useSession } from './session.tsx';

const WIDE = '(min-width: 1024px)';

/** Whether there is room for the words. The server says yes; the classes fold the rail anyway until the browser has spoken. */
function useIsWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = window.matchMedia(WIDE);
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => window.matchMedia(WIDE).matches,
    () => true,
  );
}

interface RailProps {
  readonly open: boolean;
  readonly onToggle: () => void;
  readonly onSearch: () => void;
  readonly onShortcuts: () => void;
}

/** The left rail: 216 px, or 48 px of icons with tooltips (always below 1024 px). Below 640 px the bottom bar takes its place. */
export function Rail({ open: wanted, onToggle, onSearch, onShortcuts }: RailProps) {
  const path = usePathname();
  const open = useIsWide() && wanted;
  const { data: approvals } = useQuery(approvalCountOptions());
  return (
    <nav
      aria-label="Main"
      className={cn('flex shrink-0 flex-col gap-0.5 border-line-1 border-r bg-bg-1 p-2 max-sm:hidden', open ? 'w-54 max-lg:w-12' : 'w-12')}
    >
      <WorkspaceName open={open} />
      <RailButton icon={Search} label="Search" keys="mod+k" open={open} onClick={onSearch} />
      <div className="h-2" />
      {MAIN_DESTINATIONS.map((page) => (
        <RailLink
          key={page.href}
          {...page}
          open={open}
          current={isUnder(path, page.href)}
          count={page.href === APPROVALS_HREF ? (approvals ?? 0) : 0}
        />
      ))}
      <div className="flex-1" />
      <div className="max-lg:hidden">
        <RailButton
          icon={open ? PanelLeftClose : PanelLeftOpen}
          label={open ? 'Fold sidebar' : 'Open sidebar'}
          keys="["
          open={open}
          onClick={onToggle}
        />
      </div>
      <RailButton icon={Keyboard} label="Shortcuts" keys="?" open={open} onClick={onShortcuts} />
      <RailLink {...SETTINGS} open={open} current={isUnder(path, SETTINGS.href)} />
      <PersonMenu open={open} />
    </nav>
  );
}

function WorkspaceName({ open }: { open: boolean }) {
  const { workspace } = useSession();
  const name = workspace?.name ?? 'Weftline';
  return (
    <div className="mb-1 flex h-8 items-center gap-2 px-1.5">
      <span
        aria-hidden
        className="flex size-5 shrink-0 items-center justify-center rounded-chip bg-text-1 font-semibold text-bg-1 text-code-small"
      >
        {name.charAt(0).toUpperCase()}
      </span>
      <span className={cn('truncate font-medium text-body', open ? 'max-lg:sr-only' : 'sr-only')}>{name}</span>
    </div>
  );
}
