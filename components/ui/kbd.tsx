'use client';

import { useSyncExternalStore } from 'react';
import { cn } from './cn.ts';

const NAMES: Readonly<Record<string, string>> = {
  shift: '⇧',
  alt: 'Alt',
  enter: '↵',
  escape: 'Esc',
  backspace: '⌫',
  delete: 'Del',
  space: 'Space',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
};

const never = () => () => {};
const isMac = () => /Mac|iPhone|iPad/.test(navigator.platform);

/** Keys as the command table writes them (`mod+shift+z`, `g w`), drawn as this machine's keyboard names them. */
export function Kbd({ keys, className }: { keys: string; className?: string }) {
  const mac = useSyncExternalStore(never, isMac, () => false);
  return (
    <span className={cn('inline-flex shrink-0 items-center gap-1', className)}>
      {keys.split(' ').map((chord) => (
        <kbd
          key={chord}
          className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-chip bg-sunken px-1 font-mono text-code-small text-text-2"
        >
          {chordText(chord, mac)}
        </kbd>
      ))}
    </span>
  );
}

function chordText(chord: string, mac: boolean): string {
  const parts = chord === '+' ? ['+'] : chord.split('+').map((part) => part || '+');
  const words = parts.map((part) => {
    if (part === 'mod') return mac ? '⌘' : 'Ctrl';
    if (part === 'alt' && mac) return '⌥';
    return NAMES[part] ?? part.toUpperCase();
  });
  return mac ? words.join('') : words.join(' ');
}
