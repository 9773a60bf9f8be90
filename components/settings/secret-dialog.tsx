'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Input, Textarea } from '#components/ui/input.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { checkForm, type FormErrors, refusedForm } from '#lib/client/form-errors.ts';
import { request } from '#lib/client/request.ts';
import { secretKeys } from '#lib/client/secrets.ts';
import { putSecret, type SecretRow } from '#lib/contracts/secrets.ts';

/** Makes a secret, or replaces the value of one. The value goes in and never comes out. */
export function SecretDialog({ row, onClose }: { row: SecretRow | null; onClose: () => void }) {
  const queryClient = useQueryClient();
  const formId = useId();
  const [name, setName] = useState(row?.name ?? '');
  const [value, setValue] = useState('');
  const [description, setDescription] = useState(row?.description ?? '');
  const [errors, setErrors] = useState<FormErrors>({});
  const put = useMutation({
    mutationFn: () => request(putSecret, { params: { name: name.trim() }, body: { value, description: description.trim() } }),
    onSuccess: async ({ name: saved }) => {
      toastDone(row ? `Replaced ${saved}` : `Saved ${saved}`);
      await queryClient.invalidateQueries({ queryKey: secretKeys.list });
      onClose();
    },
    onError: (thrown) => setErrors(refusedForm(thrown)),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    const found = { ...checkForm(putSecret.params, { name: name.trim() }), ...checkForm(putSecret.body, { value, description }) };
    setErrors(found);
    if (Object.keys(found).length === 0) put.mutate();
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={row ? `Replace ${row.name}` : 'New secret'}
      description={row ? 'Runs take the new value from their next step on.' : undefined}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" loading={put.isPending}>
            {row ? 'Replace value' : 'Save secret'}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate autoComplete="off" className="flex flex-col gap-4">
        {row ? null : (
          <Field label="Name" required error={errors.name} help={`Steps read it as {{ secrets.${name.trim() || 'NAME'} }}`} reserve>
            {(control) => (
              <Input
                {...control}
                size="page"
                autoFocus
                spellCheck={false}
                placeholder="STRIPE_KEY"
                className="font-mono"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        )}
        <Field label="Value" required error={errors.value} help="Kept encrypted; it can be replaced, but not read again" reserve>
          {(control) => (
            <Textarea
              {...control}
              rows={3}
              autoFocus={row !== null}
              spellCheck={false}
              className="font-mono text-code"
              value={value}
              onChange={(event) => setValue(event.target.value)}
            />
          )}
        </Field>
        <Field label="Description" error={errors.description}>
          {(control) => <Input {...control} size="page" value={description} onChange={(event) => setDescription(event.target.value)} />}
        </Field>
        <FormError>{errors['']}</FormError>
      </form>
    </Dialog>
  );
}
