import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ConfigForm } from '#components/form/config-form.tsx';
import { fieldsOfInputSchema } from '#components/form/field-spec.ts';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Textarea } from '#components/ui/input.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { errorMessage } from '#lib/base/errors.ts';
import { isJsonObject, type JsonObject } from '#lib/base/json.ts';
import { approvalKeys } from '#lib/client/approvals.ts';
import { ApiError, request } from '#lib/client/request.ts';
import { type Approval, decideApproval } from '#lib/contracts/approvals.ts';
import { setAt } from '#lib/workflow/set-at.ts';

interface DecideDialogProps {
  readonly approval: Approval;
  readonly decision: 'approved' | 'rejected';
  readonly onClose: () => void;
}

/** The decision itself: the approval's form, and a word to whoever reads the run. */
export function DecideDialog({ approval, decision, onClose }: DecideDialogProps) {
  const queryClient = useQueryClient();
  const formId = useId();
  const [form, setForm] = useState<JsonObject>({});
  const [comment, setComment] = useState('');
  const approves = decision === 'approved';
  const fields = approves && isJsonObject(approval.form) ? fieldsOfInputSchema(approval.form) : [];
  const decide = useMutation({
    mutationFn: () => request(decideApproval, { params: { id: approval.id }, body: { decision, form: form as never, comment } }),
    onSuccess: async () => {
      toastDone(approves ? 'Approved' : 'Rejected');
      await queryClient.invalidateQueries({ queryKey: approvalKeys.all });
      onClose();
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    decide.mutate();
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={approves ? 'Approve?' : 'Reject?'}
      description={approves ? 'The run goes on at once.' : 'The run goes on at its rejected branch; without one, the step fails.'}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant={approves ? 'primary' : 'danger'} loading={decide.isPending}>
            {approves ? 'Approve' : 'Reject'}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate className="flex flex-col gap-4">
        {fields.length === 0 ? null : (
          <ConfigForm
            fields={fields}
            value={form}
            errors={faultsOf(decide.error)}
            onChange={(path, value) => {
              const next = setAt(form, path, value);
              setForm(isJsonObject(next) ? next : {});
            }}
          />
        )}
        <Field label="Comment">
          {(control) => <Textarea {...control} rows={2} value={comment} onChange={(event) => setComment(event.target.value)} />}
        </Field>
        <FormError>{decide.error === null ? null : errorMessage(decide.error)}</FormError>
      </form>
    </Dialog>
  );
}

/** The server names places from the body's root. */
function faultsOf(error: unknown): ReadonlyMap<string, string> {
  if (!(error instanceof ApiError)) return new Map();
  return new Map(error.details.map((fault) => [fault.path.replace(/^\/form/, ''), fault.message]));
}
