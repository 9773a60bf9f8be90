'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { Select } from '#components/ui/select.tsx';
import { ShownOnce } from '#components/ui/shown-once.tsx';
import { accountKeys } from '#lib/client/account.ts';
import { checkForm, type FormErrors, refusedForm } from '#lib/client/form-errors.ts';
import { request } from '#lib/client/request.ts';
import { createKey } from '#lib/contracts/account.ts';
import type { Permission } from '#lib/contracts/contract.ts';
import { ScopeChoice } from './scope-choice.tsx';

const DAY_MS = 86_400_000;
const LIFETIMES = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'never', label: 'Never' },
] as const;
type Lifetime = (typeof LIFETIMES)[number]['value'];

/** Asks what the key may do and for how long, then shows it this one time. */
export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const queryClient = useQueryClient();
  const formId = useId();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Permission[]>(['workflows:read', 'runs:read', 'runs:write']);
  const [lifetime, setLifetime] = useState<Lifetime>('90');
  const [errors, setErrors] = useState<FormErrors>({});
  const create = useMutation({
    mutationFn: (body: ReturnType<typeof bodyOf>) => request(createKey, { body }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: accountKeys.keys }),
    onError: (thrown) => setErrors(refusedForm(thrown)),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    const body = bodyOf(name, scopes, lifetime);
    const found = checkForm(createKey.body, body);
    setErrors(found);
    if (Object.keys(found).length === 0) create.mutate(body);
  }

  if (create.data) return <ShownOnce what="key" name={create.data.row.name} value={create.data.key} onClose={onClose} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="New API key"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" loading={create.isPending}>
            Create key
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate className="flex flex-col gap-4">
        <Field label="Name" required error={errors.name} help="The program that will use it" reserve>
          {(control) => <Input {...control} size="page" autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <ScopeChoice scopes={scopes} onChange={setScopes} error={errors.scopes} />
        <Field label="Expires" error={errors.expires_at}>
          {(control) => <Select {...control} size="page" options={LIFETIMES} value={lifetime} onValueChange={setLifetime} />}
        </Field>
        <FormError>{errors['']}</FormError>
      </form>
    </Dialog>
  );
}

function bodyOf(name: string, scopes: readonly Permission[], lifetime: Lifetime) {
  const expires_at = lifetime === 'never' ? null : new Date(Date.now() + Number(lifetime) * DAY_MS).toISOString();
  return { name: name.trim(), scopes: [...scopes], expires_at };
}
