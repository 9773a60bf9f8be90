'use client';

import { type ReactNode, useState } from 'react';
import { errorMessage } from '#lib/base/errors.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { FormError } from './field.tsx';

interface ConfirmDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** A question: "Delete nightly-sync?" */
  readonly title: string;
  /** What is lost, in numbers. */
  readonly body: ReactNode;
  /** The verb and its object: "Delete 3 runs". */
  readonly action: string;
  readonly danger?: boolean;
  /** The dialog closes when it is done and shows the reason when it is refused. */
  readonly onConfirm: () => Promise<unknown>;
}

export function ConfirmDialog({ open, onOpenChange, title, body, action, danger = true, onConfirm }: ConfirmDialogProps) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);

  function change(next: boolean) {
    if (busy) return;
    setRefusal(null);
    onOpenChange(next);
  }

  async function confirm() {
    setBusy(true);
    setRefusal(null);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (thrown) {
      setRefusal(errorMessage(thrown));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={title}
      description={body}
      footer={
        <>
          <Button onClick={() => change(false)}>Keep</Button>
          <Button variant={danger ? 'danger' : 'primary'} loading={busy} onClick={confirm}>
            {action}
          </Button>
        </>
      }
    >
      {refusal ? <FormError>{refusal}</FormError> : null}
    </Dialog>
  );
}
