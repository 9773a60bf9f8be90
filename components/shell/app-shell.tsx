'use client';

import { Keyboard, PanelLeft, Search } from 'lucide-react';
import { usePathname, useRouter } from 'next/navigation';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import type { Session } from '#lib/client/account.ts';
import { BottomBar } from './bottom-bar.tsx';
import { useCommandKeys } from './command-keys.ts';
import { CommandPalette } from './command-palette.tsx';
import { type Command, useCommands } from './commands.ts';
import { isCanvasPath, MAIN_DESTINATIONS, SETTINGS } from './navigation.ts';
import { type RailState, rememberRailState } from './preferences.ts';
import { Rail } from './rail.tsx';
import { SessionProvider } from './session.tsx';
import { ShortcutsSheet } from './shortcuts-sheet.tsx';

interface AppShellProps {
  readonly session: Session;
  readonly initialRail: RailState;
  readonly children: ReactNode;
}

/** Rail, page, bottom bar, palette and shortcuts: what stands around every signed-in page. */
export function AppShell({ session, initialRail, children }: AppShellProps) {
  const onCanvas = isCanvasPath(usePathname());
  const [rail, setRail] = useState(initialRail);
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [shortcutsOpen, setShortcutsOpen] = useState(false);
  const toggleRail = useCallback(() => {
    setRail((now) => {
      const next = onCanvas ? { ...now, canvas: !now.canvas } : { ...now, pages: !now.pages };
      rememberRailState(next);
      return next;
    });
  }, [onCanvas]);
  useShellCommands({ toggleRail, openPalette: setPaletteOpen, openShortcuts: setShortcutsOpen });
  useCommandKeys();

  return (
    <SessionProvider initial={session}>
      <a
        href="#main"
        className="fixed top-2 left-2 z-60 -translate-y-16 rounded-control border border-line-1 bg-bg-3 px-3 py-1.5 text-body shadow-s2 focus:translate-y-0"
      >
        Skip to content
      </a>
      <div className="flex h-dvh overflow-hidden">
        <Rail
          open={onCanvas ? rail.canvas : rail.pages}
          onToggle={toggleRail}
          onSearch={() => setPaletteOpen(true)}
          onShortcuts={() => setShortcutsOpen(true)}
        />
        <div className="flex min-w-0 flex-1 flex-col">
          <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col focus-visible:outline-none">
            {children}
          </main>
          <BottomBar onSearch={() => setPaletteOpen(true)} />
        </div>
      </div>
      <CommandPalette open={paletteOpen} onOpenChange={setPaletteOpen} />
      <ShortcutsSheet open={shortcutsOpen} onOpenChange={setShortcutsOpen} />
    </SessionProvider>
  );
}

interface ShellActions {
  readonly toggleRail: () => void;
  readonly openPalette: (open: boolean) => void;
  readonly openShortcuts: (open: boolean) => void;
}

function useShellCommands({ toggleRail, openPalette, openShortcuts }: ShellActions): void {
  const router = useRouter();
  const commands = useMemo(
    (): readonly Command[] => [
      ...[...MAIN_DESTINATIONS, SETTINGS].map((page) => ({
        id: `go.${page.label.toLowerCase()}`,
        title: page.label,
        group: 'Go to',
        keys: page.keys,
        icon: page.icon,
        run: () => router.push(page.href),
      })),
      {
        id: 'shell.search',
        title: 'Search and commands',
        group: 'Everywhere',
        keys: 'mod+k',
        icon: Search,
        whileTyping: true,
        hidden: true,
        run: () => openPalette(true),
      },
      { id: 'shell.rail', title: 'Fold or open the sidebar', group: 'Everywhere', keys: '[', icon: PanelLeft, run: toggleRail },
      {
        id: 'shell.shortcuts',
        title: 'Keyboard shortcuts',
        group: 'Everywhere',
        keys: '?',
        icon: Keyboard,
        run: () => openShortcuts(true),
      },
    ],
    [router, toggleRail, openPalette, openShortcuts],
  );
  useCommands(commands);
}
