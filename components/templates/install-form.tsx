'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import type { Json } from '#lib/base/json.ts';
import { type FormErrors, refusedForm } from '#lib/client/form-errors.ts';
import { request } from '#lib/client/request.ts';
import { workflowKeys } from '#lib/client/workflows.ts';
import { installTemplate, type Template } from '#lib/contracts/templates.ts';
import { ParameterField } from './parameter-field.tsx';
import { type Parameter, type ParameterValues, writeParameters } from './parameters.ts';

interface InstallFormProps {
  readonly template: Template;
  readonly parameters: readonly Parameter[];
  readonly values: ParameterValues;
  readonly onChange: (values: ParameterValues) => void;
}

/** Asks for the template's parameters and installs it as a workflow, then opens its editor. */
export function InstallForm({ template, parameters, values, onChange }: InstallFormProps) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const [name, setName] = useState(template.name);
  const [errors, setErrors] = useState<FormErrors>({});
  const install = useMutation({
    mutationFn: (written: Record<string, Json>) =>
      request(installTemplate, { params: { id: template.id }, body: { name: name.trim(), parameters: written } }),
    onSuccess: async ({ workflow_id }) => {
      await queryClient.invalidateQueries({ queryKey: workflowKeys.lists });
      router.push(`/workflows/${workflow_id}`);
      toastDone(`Installed ${name.trim()}`);
    },
    onError: (thrown) => setErrors(refusedForm(thrown)),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    const { errors: found, written } = writeParameters(parameters, values);
    const all = name.trim() === '' ? { name: 'A workflow needs a name', ...found } : found;
    setErrors(all);
    if (Object.keys(all).length === 0) install.mutate(written);
  }

  const known = new Set(['name', ...parameters.map((parameter) => `parameters.${parameter.name}`)]);
  const elsewhere = Object.entries(errors).filter(([path]) => !known.has(path));

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <Field label="Workflow name" required error={errors.name}>
        {(control) => <Input {...control} size="page" value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />}
      </Field>
      {parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          value={values[parameter.name] ?? parameter.initial}
          error={errors[`parameters.${parameter.name}`]}
          onChange={(value) => onChange({ ...values, [parameter.name]: value })}
        />
      ))}
      {elsewhere.map(([path, message]) => (
        <FormError key={path}>{message}</FormError>
      ))}
      <Button type="submit" variant="primary" size="page" loading={install.isPending || install.isSuccess}>
        Install
      </Button>
    </form>
  );
}
