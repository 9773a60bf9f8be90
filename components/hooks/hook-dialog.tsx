import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { Select } from '#components/ui/select.tsx';
import { WorkflowChoice } from '#components/workflows/workflow-choice.tsx';
import { checkForm, type FormErrors, refusedForm } from '#lib/client/form-errors.ts';
import { hookKeys } from '#lib/client/hooks.ts';
import { request } from '#lib/client/request.ts';
import { createHook } from '#lib/contracts/hooks.ts';
import { AddressOnce } from './address-once.tsx';
import { ACTION_OPTIONS, ANSWER_OPTIONS, SIGNATURE_OPTIONS } from './hook-words.ts';
import { SignatureFields } from './signature-fields.tsx';

/** Asks which workflow is called, where that is not given, what a call does and how it is checked, then shows the address this one time. */
export function HookDialog({ workflowId, onClose }: { workflowId: string | null; onClose: () => void }) {
  const queryClient = useQueryClient();
  const formId = useId();
  const [target, setTarget] = useState(workflowId ?? '');
  const [name, setName] = useState('');
  const [action, setAction] = useState<'start' | 'event'>('start');
  const [eventType, setEventType] = useState('');
  const [reply, setReply] = useState<'accepted' | 'result'>('accepted');
  const [signature, setSignature] = useState<'none' | 'standard' | 'hmac'>('none');
  const [header, setHeader] = useState('x-hub-signature-256');
  const [secret, setSecret] = useState('');
  const [errors, setErrors] = useState<FormErrors>({});
  const body = {
    name: name.trim(),
    action,
    event_type: action === 'event' ? eventType.trim() : null,
    answer: action === 'event' ? ('accepted' as const) : reply,
    signature,
    signature_header: signature === 'hmac' ? header.trim() : null,
    secret: signature === 'none' ? null : secret,
  };
  const create = useMutation({
    mutationFn: () => request(createHook, { params: { id: target }, body }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: hookKeys.all }),
    onError: (thrown) => setErrors(refusedForm(thrown)),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    const noTarget = target === '' ? { workflow: 'Choose the workflow that is called.' } : {};
    const found: FormErrors = { ...checkForm(createHook.body, body), ...noTarget };
    setErrors(found);
    if (Object.keys(found).length === 0) create.mutate();
  }

  if (create.data) return <AddressOnce name={create.data.hook.name} path={create.data.path} onClose={onClose} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="New hook"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" loading={create.isPending}>
            Create hook
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate autoComplete="off" className="flex flex-col gap-4">
        {workflowId === null ? <WorkflowChoice value={target} onChange={setTarget} error={errors.workflow} /> : null}
        <Field label="Name" required error={errors.name} help="The service that will call it" reserve>
          {(control) => (
            <Input
              {...control}
              size="page"
              autoFocus={workflowId !== null}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="A call">
          {(control) => <Select {...control} size="page" options={ACTION_OPTIONS} value={action} onValueChange={setAction} />}
        </Field>
        {action === 'event' ? (
          <Field label="Event type" required error={errors.event_type} help="What the waits of the workflow name">
            {(control) => <Input {...control} size="page" mono value={eventType} onChange={(event) => setEventType(event.target.value)} />}
          </Field>
        ) : (
          <Field label="Answers">
            {(control) => <Select {...control} size="page" options={ANSWER_OPTIONS} value={reply} onValueChange={setReply} />}
          </Field>
        )}
        <Field label="Signature">
          {(control) => <Select {...control} size="page" options={SIGNATURE_OPTIONS} value={signature} onValueChange={setSignature} />}
        </Field>
        {signature === 'none' ? null : (
          <SignatureFields
            errors={errors}
            header={signature === 'hmac' ? header : null}
            onHeader={setHeader}
            secret={secret}
            onSecret={setSecret}
          />
        )}
        <FormError>{errors['']}</FormError>
      </form>
    </Dialog>
  );
}
