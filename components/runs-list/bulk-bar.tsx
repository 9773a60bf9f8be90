'use client';

import { useQueryClient } from '@tanstack/react-query';
import { Ban, RotateCw, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Checkbox } from '#components/ui/checkbox.tsx';
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { toastDone, toastFailed } from '#components/ui/toast.tsx';
import { plural } from '#lib/client/format.ts';
import { type BulkAction, bulk } from '#lib/client/run-control.ts';
import { isFinished, runKeys } from '#lib/client/runs.ts';
import type { RunRow } from '#lib/contracts/runs.ts';

interface BulkBarProps {
  readonly chosen: readonly RunRow[];
  readonly all: boolean;
  readonly onAll: (all: boolean) => void;
}

const WORDS = {
  cancel: { verb: 'Cancel', done: 'Cancelled', body: 'What they have done is kept; what runs is asked to stop.', danger: true },
  retry: { verb: 'Retry', done: 'Retried', body: 'What failed runs again, under the same ids; what completed is kept.', danger: false },
  delete: { verb: 'Delete', done: 'Deleted', body: "Their events, inputs and outputs go with them. This can't be undone.", danger: true },
} as const;

/** Takes the place of the table's head while runs are chosen: what can be done with all of them. */
export function BulkBar({ chosen, all, onAll }: BulkBarProps) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState<BulkAction | null>(null);
  const fitting: Record<BulkAction, readonly RunRow[]> = {
    cancel: chosen.filter((run) => !isFinished(run.status)),
    retry: chosen.filter((run) => run.status === 'failed' || run.status === 'cancelled'),
    delete: chosen.filter((run) => isFinished(run.status)),
  };

  async function act(action: BulkAction) {
    const { done, reasons } = await bulk(
      action,
      fitting[action].map((run) => run.id),
    );
    if (done > 0) toastDone(`${WORDS[action].done} ${plural(done, 'run')}`);
    for (const reason of reasons.slice(0, 2)) toastFailed(reason);
    onAll(false);
    await queries.invalidateQueries({ queryKey: runKeys.all });
  }

  return (
    <div
      role="toolbar"
      aria-label="Chosen runs"
      className="-mx-2 sticky top-0 z-20 flex h-7 items-center gap-2 bg-bg-0 px-2 shadow-[inset_0_-1px_0_var(--line-1)] max-sm:h-11 sm:-mb-7"
    >
      <Checkbox aria-label="Choose all runs" checked={all ? true : 'indeterminate'} onCheckedChange={() => onAll(!all)} />
      <span className="ml-2.5 whitespace-nowrap font-medium text-small">{chosen.length} chosen</span>
      {(['cancel', 'retry', 'delete'] as const).map((action) =>
        fitting[action].length === 0 ? null : (
          <Button key={action} size="row" onClick={() => setAsking(action)}>
            <Icon action={action} />
            <span className="max-sm:sr-only">{WORDS[action].verb}</span>
            {fitting[action].length === chosen.length ? '' : ` ${fitting[action].length}`}
          </Button>
        ),
      )}
      <IconButton icon={X} label="Choose none" size="row" onClick={() => onAll(false)} />
      {asking === null ? null : (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setAsking(null)}
          title={`${WORDS[asking].verb} ${plural(fitting[asking].length, 'run')}?`}
          body={WORDS[asking].body}
          action={`${WORDS[asking].verb} ${plural(fitting[asking].length, 'run')}`}
          danger={WORDS[asking].danger}
          onConfirm={() => act(asking)}
        />
      )}
    </div>
  );
}

function Icon({ action }: { action: BulkAction }) {
  const Shown = { cancel: Ban, retry: RotateCw, delete: Trash2 }[action];
  return <Shown className="size-4" aria-hidden />;
}
