'use client';

import { Tooltip as Primitive } from 'radix-ui';
import type { FocusEvent, ReactElement, ReactNode } from 'react';
import { Kbd } from './kbd.tsx';

/** Once for the whole app: the first tooltip waits, its neighbours follow at once. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <Primitive.Provider delayDuration={400} skipDelayDuration={200}>
      {children}
    </Primitive.Provider>
  );
}

interface TooltipProps {
  readonly content: ReactNode;
  /** Keys as the command table writes them, e.g. `mod+k`. */
  readonly shortcut?: string | undefined;
  readonly side?: 'top' | 'right' | 'bottom' | 'left' | undefined;
  readonly children: ReactElement;
}

/** Says more about its one child on hover and focus. Never the only place of an information. */
export function Tooltip({ content, shortcut, side = 'bottom', children }: TooltipProps) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild onFocus={ignoreReturnedFocus}>
        {children}
      </Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-60 flex max-w-80 items-center gap-2 rounded-control border border-line-1 bg-bg-3 px-2 py-1 text-small text-text-1 shadow-s2 data-[state=closed]:animate-menu-out data-[state=delayed-open]:animate-menu-in"
        >
          {content}
          {shortcut ? <Kbd keys={shortcut} /> : null}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** Focus that comes back from a closed menu or list opens no tooltip; focus by Tab does. */
function ignoreReturnedFocus(event: FocusEvent): void {
  const from = event.relatedTarget;
  if (from === null || (from instanceof Element && from.closest('[role=menu], [role=listbox]') !== null)) event.preventDefault();
}
