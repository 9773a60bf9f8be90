import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Select } from '#components/ui/select.tsx';
import { LoadingText } from '#components/ui/skeleton.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { request } from '#lib/client/request.ts';
import { retentionOptions, workflowKeys } from '#lib/client/workflows.ts';
import { setRetention } from '#lib/contracts/workflows.ts';
import { periodOptions, periodSeconds, periodValue } from './retention-periods.ts';

interface Kept {
  readonly success: number | null;
  readonly error: number | null;
}

/** Asks how long ended runs of a workflow are kept. */
export function RetentionDialog({ workflowId, onClose }: { workflowId: string; onClose: () => void }) {
  const queryClient = useQueryClient();
  const formId = useId();
  const { data, error } = useQuery(retentionOptions(workflowId));
  const [change, setChange] = useState<Partial<Kept>>({});
  const before: Kept = { success: seconds(data?.retention.success), error: seconds(data?.retention.error) };
  const kept = { ...before, ...change };
  const save = useMutation({
    mutationFn: () => request(setRetention, { params: { id: workflowId }, body: kept }),
    onSuccess: (answer) => {
      queryClient.setQueryData(workflowKeys.retention(workflowId), answer);
      toastDone('Saved how long runs are kept');
      onClose();
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="How long are runs kept?"
      description="Holds for runs that start from now on. A run that is over for longer is deleted with its steps, events and logs."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" loading={save.isPending} disabled={data === undefined}>
            Save
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
        {data === undefined && error === null ? <LoadingText>Loading how long runs are kept</LoadingText> : null}
        {(['success', 'error'] as const).map((how) => (
          <Field key={how} label={how === 'success' ? 'Completed runs' : 'Failed and cancelled runs'}>
            {(control) => (
              <Select
                {...control}
                size="page"
                options={periodOptions(before[how])}
                value={periodValue(kept[how])}
                onValueChange={(value) => setChange({ ...change, [how]: periodSeconds(value) })}
              />
            )}
          </Field>
        ))}
        <FormError>{(save.error ?? error)?.message}</FormError>
      </form>
    </Dialog>
  );
}

/** The API gives seconds; text is what it takes as well. */
function seconds(duration: string | number | null | undefined): number | null {
  return duration === null || duration === undefined ? null : Number(duration);
}
