'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Checkbox } from '#components/ui/checkbox.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { FormError } from '#components/ui/field.tsx';
import { errorMessage } from '#lib/base/errors.ts';
import { plural } from '#lib/client/format.ts';
import { request } from '#lib/client/request.ts';
import { runKeys } from '#lib/client/runs.ts';
import { cancelRun } from '#lib/contracts/run-control.ts';
import type { Run } from '#lib/contracts/runs.ts';
import type { RunState } from '#lib/engine/state.ts';
import { undoOrder } from '#lib/engine/undo.ts';

/** Cancels a run, and where its steps know how, undoes what they did. */
export function CancelDialog({ run, state, onClose }: { readonly run: Run; readonly state: RunState; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const id = useId();
  const [rollback, setRollback] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const undoable = undoOrder(state);

  async function go() {
    setBusy(true);
    setRefusal(null);
    try {
      await request(cancelRun, { params: { run_id: run.id }, body: { rollback } });
      onClose();
      await queries.invalidateQueries({ queryKey: runKeys.lists });
    } catch (thrown) {
      setBusy(false);
      setRefusal(errorMessage(thrown));
    }
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Cancel this run?"
      description={`${state.settled} of ${state.steps.length} steps have ended and keep their results. What runs now is asked to stop, what has not started is skipped.`}
      footer={
        <>
          <Button onClick={onClose}>Keep</Button>
          <Button variant="danger" loading={busy} onClick={go}>
            {rollback ? 'Cancel and undo' : 'Cancel run'}
          </Button>
        </>
      }
    >
      {undoable.length > 0 ? (
        <div className="flex gap-2">
          <span className="flex h-5 items-center">
            <Checkbox id={id} checked={rollback} onCheckedChange={(checked) => setRollback(checked === true)} />
          </span>
          <label htmlFor={id} className="min-w-0 flex-1 text-body">
            Undo what {plural(undoable.length, 'step')} did
            <span className="block break-words font-mono text-code text-text-3">{undoable.join(', ')}</span>
          </label>
        </div>
      ) : null}
      <FormError>{refusal}</FormError>
    </Dialog>
  );
}
