'use client';

import { LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { useTheme } from 'next-themes';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from '#components/ui/menu.tsx';
import { toastFailed } from '#components/ui/toast.tsx';
import { errorMessage } from '#lib/base/errors.ts';
import { signOut } from '#lib/client/account.ts';
import { useSession } from './session.tsx';

export const THEMES = [
  { value: 'system', label: 'As the system', icon: Monitor },
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
] as const;

/** Ends the session and leaves the app, with nothing of it kept in memory. */
export async function leave(): Promise<void> {
  try {
    await signOut();
    window.location.assign('/login');
  } catch (thrown) {
    toastFailed(errorMessage(thrown));
  }
}

/** Name, theme and sign-out, at the foot of the rail. */
export function PersonMenu({ open }: { open: boolean }) {
  const { user } = useSession();
  const { theme, setTheme } = useTheme();
  if (!user) return null;
  return (
    <Menu
      side="right"
      align="end"
      className="w-56"
      trigger={
        <button
          type="button"
          aria-label={open ? undefined : `Account of ${user.name}`}
          className="flex h-control w-full shrink-0 items-center gap-2 rounded-control px-1.5 text-left text-body text-text-2 transition-hover focus-inset hover:bg-hover hover:text-text-1 data-[state=open]:bg-hover"
        >
          <span
            aria-hidden
            className="flex size-5 shrink-0 items-center justify-center rounded-full border border-line-2 bg-bg-2 font-medium text-code-small text-text-2"
          >
            {user.name.charAt(0).toUpperCase()}
          </span>
          <span className={open ? 'min-w-0 truncate max-lg:sr-only' : 'sr-only'}>{user.name}</span>
        </button>
      }
    >
      <MenuLabel>
        <span className="block truncate">{user.email}</span>
      </MenuLabel>
      <MenuSeparator />
      <MenuLabel>Theme</MenuLabel>
      <MenuChoice value={(theme ?? 'system') as (typeof THEMES)[number]['value']} onValueChange={setTheme} options={THEMES} />
      <MenuSeparator />
      <MenuItem icon={LogOut} onSelect={leave}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
