'use client';

import { X } from 'lucide-react';
import { Dialog as Primitive } from 'radix-ui';
import type { ReactNode } from 'react';
import { cn } from './cn.ts';
import { scrimLook } from './dialog.tsx';
import { useEscapeThrough } from './escape-through.ts';
import { IconButton } from './icon-button.tsx';

interface SheetProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly children: ReactNode;
  /** From the right edge; below 640 px always from the bottom. */
  readonly side?: 'right' | 'bottom';
  readonly className?: string;
}

/** A panel that slides in over the page and gives it back when it closes. */
export function Sheet({ open, onOpenChange, title, children, side = 'right', className }: SheetProps) {
  const escapeThrough = useEscapeThrough(() => onOpenChange(false));
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className={scrimLook} />
        <Primitive.Content
          aria-describedby={undefined}
          {...escapeThrough}
          tabIndex={-1}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
          className={cn(
            'fixed z-50 flex flex-col focus-visible:outline-none border-line-1 bg-bg-3 shadow-s3 data-[state=closed]:animate-fade-out',
            'max-sm:inset-x-0 max-sm:bottom-0 max-sm:max-h-[92dvh] max-sm:rounded-t-dialog max-sm:border-t max-sm:pb-[env(safe-area-inset-bottom)] max-sm:data-[state=open]:animate-sheet-up',
            side === 'right'
              ? 'sm:inset-y-0 sm:right-0 sm:w-100 sm:border-l sm:data-[state=open]:animate-sheet-left'
              : 'sm:inset-x-0 sm:bottom-0 sm:max-h-[92dvh] sm:rounded-t-dialog sm:border-t sm:data-[state=open]:animate-sheet-up',
            className,
          )}
        >
          <div className="flex h-11 shrink-0 items-center gap-2 border-line-1 border-b pr-2 pl-4">
            <Primitive.Title className="min-w-0 flex-1 truncate text-heading">{title}</Primitive.Title>
            <Primitive.Close asChild>
              <IconButton icon={X} label="Close" shortcut="escape" />
            </Primitive.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
