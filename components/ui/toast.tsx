'use client';

import { CircleAlert, CircleCheck, Info } from 'lucide-react';
import { Toaster as Sonner, toast } from 'sonner';

interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

const DURATION_MS = 6_000;

/** The one place of toasts; `providers.tsx` mounts it. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      visibleToasts={3}
      duration={DURATION_MS}
      gap={8}
      offset={16}
      mobileOffset={{ bottom: 'calc(72px + env(safe-area-inset-bottom))', left: 16, right: 16 }}
      icons={{
        success: <CircleCheck className="size-4 text-status-completed" aria-hidden />,
        error: <CircleAlert className="size-4 text-status-failed" aria-hidden />,
        info: <Info className="size-4 text-text-2" aria-hidden />,
      }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'flex w-[360px] max-w-full items-center gap-2 rounded-card border border-line-1 bg-bg-3 px-3 py-2.5 text-body text-text-1 shadow-s2 font-sans',
          title: 'text-body font-normal',
          description: 'text-small text-text-2',
          content: 'min-w-0 flex-1',
          icon: 'flex size-4 shrink-0 items-center justify-center',
          actionButton: 'h-control-row shrink-0 rounded-control px-2 font-medium text-accent hover:bg-hover transition-hover',
        },
      }}
    />
  );
}

/** Something worked and is not visible where the person looks. One sentence; the action undoes or opens it. */
export function toastDone(sentence: string, action?: ToastAction): void {
  toast.success(sentence, options(action));
}

/** Something failed away from any field. One sentence that says what to do. */
export function toastFailed(sentence: string, action?: ToastAction): void {
  toast.error(sentence, options(action));
}

/** Neither good nor bad. */
export function toastInfo(sentence: string, action?: ToastAction): void {
  toast.info(sentence, options(action));
}

function options(action: ToastAction | undefined) {
  return action ? { action: { label: action.label, onClick: action.run } } : {};
}
