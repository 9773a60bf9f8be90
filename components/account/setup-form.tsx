'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { sessionOptions } from '#lib/client/account.ts';
import { checkForm, type FormErrors, refusedForm } from '#lib/client/form-errors.ts';
import { request } from '#lib/client/request.ts';
import { setUp } from '#lib/contracts/account.ts';

type Values = Readonly<Record<'name' | 'email' | 'password' | 'workspace' | 'token', string>>;
const START: Values = { name: '', email: '', password: '', workspace: 'Default', token: '' };

interface FieldSpec {
  readonly key: keyof Values;
  readonly label: string;
  readonly type: string;
  readonly complete: string;
  readonly help?: string;
}

const FIELDS: readonly FieldSpec[] = [
  { key: 'name', label: 'Your name', type: 'text', complete: 'name', help: 'Stands beside what you change' },
  { key: 'email', label: 'E-mail', type: 'email', complete: 'username', help: 'You sign in with it' },
  { key: 'password', label: 'Password', type: 'password', complete: 'new-password', help: 'At least 8 characters' },
  { key: 'workspace', label: 'Workspace', type: 'text', complete: 'organization', help: 'Holds your workflows and their runs' },
];

const TOKEN_FIELD: FieldSpec = {
  key: 'token',
  label: 'Set-up token',
  type: 'text',
  complete: 'off',
  help: 'Printed by npm start, because you are not on the machine itself',
};

/** Creates the owner and the first workspace, then opens it. The address that `npm start` prints brings the token along. */
export function SetupForm({ token }: { token: string }) {
  const { data: session } = useQuery(sessionOptions());
  const [values, setValues] = useState<Values>({ ...START, token });
  const [errors, setErrors] = useState<FormErrors>({});
  const fields = session?.setup_token_needed ? [...FIELDS, TOKEN_FIELD] : FIELDS;
  const create = useMutation({
    mutationFn: (body: ReturnType<typeof bodyOf>) => request(setUp, { body }),
    onSuccess: () => window.location.assign('/'),
    onError: (thrown) => setErrors(refusedForm(thrown)),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    const body = bodyOf(values);
    const found = checkForm(setUp.body, body);
    setErrors(found);
    if (Object.keys(found).length === 0) create.mutate(body);
  }

  return (
    <form method="post" onSubmit={submit} noValidate className="flex flex-col gap-4">
      {fields.map((field, index) => (
        <Field key={field.key} label={field.label} error={errors[field.key]} help={field.help} reserve>
          {(control) => (
            <Input
              {...control}
              size="page"
              type={field.type}
              autoComplete={field.complete}
              autoFocus={index === 0}
              value={values[field.key]}
              onChange={(event) => setValues({ ...values, [field.key]: event.target.value })}
            />
          )}
        </Field>
      ))}
      <FormError>{errors['']}</FormError>
      <Button type="submit" variant="primary" size="page" loading={create.isPending || create.isSuccess}>
        Create workspace
      </Button>
    </form>
  );
}

function bodyOf({ token, email, ...rest }: Values) {
  return { ...rest, email: email.trim(), ...(token.trim() ? { token: token.trim() } : {}) };
}
