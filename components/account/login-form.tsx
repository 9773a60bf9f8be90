'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { z } from 'zod';
import { Button } from '#components/ui/button.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { signIn } from '#lib/client/account.ts';
import { checkForm, type FormErrors } from '#lib/client/form-errors.ts';

const Body = z.object({ email: z.email('Must be an e-mail address'), password: z.string().min(1, 'Type your password') });

/** Signs in and goes to where the visitor wanted to go. */
export function LoginForm({ next }: { next: string }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [errors, setErrors] = useState<FormErrors>({});
  const login = useMutation({
    mutationFn: () => signIn(email.trim(), password),
    // A full load, so that the server draws the shell with the new session.
    onSuccess: () => window.location.assign(next),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    const found = checkForm(Body, { email: email.trim(), password });
    setErrors(found);
    if (Object.keys(found).length === 0) login.mutate();
  }

  return (
    <form method="post" onSubmit={submit} noValidate className="flex flex-col gap-4">
      <Field label="E-mail" error={errors.email}>
        {(control) => (
          <Input
            {...control}
            size="page"
            type="email"
            autoComplete="username"
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Field label="Password" error={errors.password}>
        {(control) => (
          <Input
            {...control}
            size="page"
            type="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <FormError>{login.error?.message}</FormError>
      <Button type="submit" variant="primary" size="page" loading={login.isPending || login.isSuccess}>
        Sign in
      </Button>
    </form>
  );
}
