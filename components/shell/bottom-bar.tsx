'use client';

import { Ellipsis, LogOut, type LucideIcon, Search } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { cn } from '#components/ui/cn.ts';
import { Menu, MenuItem } from '#components/ui/menu.tsx';
import { isUnder, MAIN_DESTINATIONS, SETTINGS } from './navigation.ts';
import { leave } from './person-menu.tsx';

const itemLook =
  'flex min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-micro text-text-2 transition-hover focus-inset hover:text-text-1';

/** What the last item opens. */
const MORE = [...MAIN_DESTINATIONS.filter((page) => page.isMore), SETTINGS];

/** The rail of narrow screens: 56 px and the safe area below it. */
export function BottomBar({ onSearch }: { onSearch: () => void }) {
  const path = usePathname();
  const isMore = MORE.some(({ href }) => isUnder(path, href));
  return (
    <nav aria-label="Main" className="flex shrink-0 border-line-1 border-t bg-bg-1 pb-[env(safe-area-inset-bottom)] sm:hidden">
      <div className="flex h-14 flex-1 items-stretch">
        {MAIN_DESTINATIONS.filter((page) => !page.isMore).map(({ href, label, icon }) => {
          const current = isUnder(path, href);
          return (
            <Link key={href} href={href} aria-current={current ? 'page' : undefined} className={cn(itemLook, current && 'text-text-1')}>
              <BarIcon icon={icon} current={current} />
              {label}
            </Link>
          );
        })}
        <Menu
          side="top"
          align="end"
          trigger={
            <button type="button" className={cn(itemLook, isMore && 'text-text-1')}>
              <BarIcon icon={Ellipsis} current={isMore} />
              More
            </button>
          }
        >
          <MenuItem icon={Search} onSelect={onSearch}>
            Search
          </MenuItem>
          {MORE.map(({ href, label, icon: Icon }) => (
            <MenuItem key={href} asChild>
              <Link href={href}>
                <Icon className="size-4 text-text-2" aria-hidden />
                {label}
              </Link>
            </MenuItem>
          ))}
          <MenuItem icon={LogOut} onSelect={leave}>
            Sign out
          </MenuItem>
        </Menu>
      </div>
    </nav>
  );
}

function BarIcon({ icon: Icon, current }: { icon: LucideIcon; current: boolean }) {
  return (
    <span className={cn('flex h-6 w-12 items-center justify-center rounded-full', current && 'bg-active')}>
      <Icon className="size-4" aria-hidden />
    </span>
  );
}
