import { type KeyboardEvent, useRef } from 'react';

/**
 * Handlers that let Escape close a dialog although a tooltip is open above it. A tooltip counts as a layer of its own, takes
 * the key and leaves the dialog open: pressing it over the Close button, whose tooltip names that very key, did nothing.
 * Menus and lists above the dialog keep the key: the focus is inside them, not inside the dialog.
 */
export function useEscapeThrough(close: () => void): {
  readonly onEscapeKeyDown: (event: globalThis.KeyboardEvent) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
} {
  const seen = useRef<globalThis.KeyboardEvent>(null);
  return {
    onEscapeKeyDown(event) {
      seen.current = event;
    },
    onKeyDown(event) {
      if (event.key !== 'Escape' || seen.current === event.nativeEvent) return;
      if (event.target instanceof Node && event.currentTarget.contains(event.target)) close();
    },
  };
}
