import { useEffect } from 'react';
import { type Command, isEnabled, useCommandTable } from './commands.ts';
import { singleKeysOn } from './preferences.ts';

/** Milliseconds within which the second key of a sequence must follow. */
const SEQUENCE_MS = 1_200;

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'space',
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

/** Listens once for the whole app and runs the command whose keys were pressed. */
export function useCommandKeys(): void {
  useEffect(() => {
    let pending = '';
    let pendingUntil = 0;
    function onKeyDown(event: KeyboardEvent) {
      if (event.defaultPrevented || event.isComposing || isModifier(event.key)) return;
      const chord = chordOf(event);
      const sequence = pending !== '' && event.timeStamp < pendingUntil ? `${pending} ${chord}` : '';
      const { commands } = useCommandTable.getState();
      if (isOverlayOpen()) {
        // Nothing behind a dialog acts, and the browser's own meaning of these keys, such as saving the page, is not meant either.
        const behind = findByKeys(commands, chord);
        if (behind?.whileTyping && (event.ctrlKey || event.metaKey)) event.preventDefault();
        pending = '';
        return;
      }
      const allowed = commands.filter((command) => mayRun(command, event));
      const found = (sequence && findByKeys(allowed, sequence)) || findByKeys(allowed, chord);
      pending = '';
      if (found) {
        event.preventDefault();
        found.run();
      } else if (allowed.some((command) => keysOf(command).some((keys) => keys.startsWith(`${chord} `)))) {
        pending = chord;
        pendingUntil = event.timeStamp + SEQUENCE_MS;
      }
    }
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

/** The pressed keys as the table writes them. Exported for tests and for screens that handle keys of their own. */
export function chordOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const key = NAMES[event.key] ?? event.key.toLowerCase();
  const isSymbol = key.length === 1 && !/[a-z0-9]/.test(key);
  // AltGr reaches the browser as Ctrl+Alt; where it made a symbol, the symbol is what was meant.
  const altGraph = isSymbol && event.ctrlKey && event.altKey;
  const parts: string[] = [];
  if ((event.ctrlKey || event.metaKey) && !altGraph) parts.push('mod');
  if (event.altKey && !altGraph) parts.push('alt');
  if (event.shiftKey && !isSymbol) parts.push('shift');
  parts.push(key);
  return parts.join('+');
}

function mayRun(command: Command, event: KeyboardEvent): boolean {
  const withModifier = event.ctrlKey || event.metaKey;
  if (isTyping(event.target) && !(command.whileTyping && withModifier)) return false;
  if (!withModifier && !singleKeysOn()) return false;
  return isEnabled(command);
}

function findByKeys(commands: readonly Command[], keys: string): Command | undefined {
  return commands.findLast((command) => keysOf(command).includes(keys));
}

function keysOf(command: Command): readonly string[] {
  return [...(command.keys ? [command.keys] : []), ...(command.alsoKeys ?? [])];
}

function isModifier(key: string): boolean {
  return key === 'Shift' || key === 'Control' || key === 'Alt' || key === 'Meta' || key === 'AltGraph';
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input:not([type=checkbox]), textarea, select, [contenteditable=true]') !== null;
}

/** A dialog or an open menu owns the keys. */
function isOverlayOpen(): boolean {
  return document.querySelector('[role=dialog][data-state=open]:not([data-inline]), [role=menu][data-state=open]') !== null;
}
