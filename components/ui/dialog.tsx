'use client';

import { X } from 'lucide-react';
import { Dialog as Primitive } from 'radix-ui';
import { type ReactNode, useRef } from 'react';
import { cn } from './cn.ts';
import { useEscapeThrough } from './escape-through.ts';
import { IconButton } from './icon-button.tsx';

interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** A question where something is to be decided. */
  readonly title: string;
  readonly description?: ReactNode;
  readonly children?: ReactNode;
  /** Buttons, right-aligned; the last one is the verb. */
  readonly footer?: ReactNode;
  readonly size?: 'default' | 'wide';
  /** Closes by its buttons only, because what it shows is shown once. */
  readonly steady?: boolean;
}

export const scrimLook = 'fixed inset-0 z-40 bg-scrim data-[state=closed]:animate-fade-out data-[state=open]:animate-fade-in';

export function Dialog({ open, onOpenChange, title, description, children, footer, size = 'default', steady = false }: DialogProps) {
  const before = useRef<Element | null>(null);
  const escapeThrough = useEscapeThrough(() => {
    if (!steady) onOpenChange(false);
  });
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className={scrimLook} />
        <Primitive.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          onOpenAutoFocus={() => {
            before.current = document.activeElement;
          }}
          onCloseAutoFocus={(event) => {
            // A dialog that a key opened has no trigger, and the focus would start at the top of the page again.
            if (!(before.current instanceof HTMLElement && before.current.isConnected)) return;
            event.preventDefault();
            before.current.focus({ preventScroll: true });
          }}
          onInteractOutside={(event) => {
            if (steady) event.preventDefault();
          }}
          onEscapeKeyDown={(event) => {
            escapeThrough.onEscapeKeyDown(event);
            if (steady) event.preventDefault();
          }}
          onKeyDown={escapeThrough.onKeyDown}
          className={cn(
            'fixed inset-0 z-50 m-auto flex h-fit max-h-[calc(100dvh-32px)] w-[calc(100vw-32px)] flex-col rounded-dialog border border-line-1 bg-bg-3 shadow-s3 data-[state=closed]:animate-fade-out data-[state=open]:animate-fade-in',
            size === 'wide' ? 'max-w-160' : 'max-w-110',
          )}
        >
          <div className="pt-4 pr-12 pl-5">
            <Primitive.Title className="text-section">{title}</Primitive.Title>
            {description ? <Primitive.Description className="mt-1 text-body text-text-2">{description}</Primitive.Description> : null}
          </div>
          {children ? <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div> : <div className="h-4" />}
          {footer ? <div className="flex flex-wrap justify-end gap-2 px-5 pb-5">{footer}</div> : null}
          {/* Last, so that the focus starts on a field or on the first button. */}
          <Primitive.Close asChild>
            <IconButton icon={X} label="Close" shortcut={steady ? undefined : 'escape'} className="absolute top-3.5 right-3" />
          </Primitive.Close>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
