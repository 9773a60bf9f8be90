import type { LucideIcon } from 'lucide-react';
import { useEffect } from 'react';
import { create } from 'zustand';

/**
 * The one command table: toolbar, menus, shortcuts, the ⌘K palette and the `?` sheet all read it. A screen adds its
 * commands while it is open; of two commands on the same keys the one added last wins.
 */
export interface Command {
  /** Stable and unique, e.g. `editor.undo`. */
  readonly id: string;
  readonly title: string;
  /** Head it stands under in the palette and the shortcuts sheet, e.g. `Canvas`. */
  readonly group: string;
  /** `mod+k`, `shift+a`, `[`, or a sequence such as `g w`. `mod` is ⌘ on a Mac, else Ctrl. */
  readonly keys?: string;
  /** Further keys that do the same and are not shown. */
  readonly alsoKeys?: readonly string[];
  readonly icon?: LucideIcon;
  /** More words that find it in the palette. */
  readonly words?: string;
  /** Also while the person types in a field (only with `mod`). */
  readonly whileTyping?: boolean;
  /** Leaves it out of the palette: a movement key, say, makes no sense there. */
  readonly hidden?: boolean;
  /** Asked when it is about to be shown or run; absent means always. */
  readonly enabled?: () => boolean;
  readonly run: () => void;
}

interface CommandTable {
  readonly commands: readonly Command[];
  /** Adds commands and answers what takes them away again. */
  readonly add: (commands: readonly Command[]) => () => void;
}

export const useCommandTable = create<CommandTable>()((set) => ({
  commands: [],
  add(commands) {
    set((table) => ({ commands: [...table.commands, ...commands] }));
    return () => set((table) => ({ commands: table.commands.filter((command) => !commands.includes(command)) }));
  },
}));

/** Keeps these commands in the table while the calling component is mounted. Pass a memoised array. */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => useCommandTable.getState().add(commands), [commands]);
}

/** Runs a command of the table by its id; nothing where it is absent or not enabled. */
export function runCommand(id: string): void {
  const command = useCommandTable.getState().commands.findLast((each) => each.id === id);
  if (command && isEnabled(command)) command.run();
}

export function isEnabled(command: Command): boolean {
  return command.enabled?.() ?? true;
}
