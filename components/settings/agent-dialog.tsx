'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { z } from 'zod';
import { ConfigForm } from '#components/form/config-form.tsx';
import { fieldsOfInputSchema } from '#components/form/field-spec.ts';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import type { JsonObject } from '#lib/base/json.ts';
import { agentKeys } from '#lib/client/agents.ts';
import { checkForm, type FormErrors, refusedForm } from '#lib/client/form-errors.ts';
import { request } from '#lib/client/request.ts';
import { type AgentRow, createAgent, updateAgent } from '#lib/contracts/agents.ts';
import { AgentSettings } from '#lib/steps/agent-task/settings.ts';
import { setAt } from '#lib/workflow/set-at.ts';

const FIELDS = fieldsOfInputSchema(z.toJSONSchema(AgentSettings, { io: 'input', unrepresentable: 'any' }) as unknown as JsonObject);

/** Makes an agent, or changes one. */
export function AgentDialog({ row, onClose }: { row: AgentRow | null; onClose: () => void }) {
  const queryClient = useQueryClient();
  const formId = useId();
  const [name, setName] = useState(row?.name ?? '');
  const [description, setDescription] = useState(row?.description ?? '');
  const [settings, setSettings] = useState<JsonObject>((row?.settings ?? {}) as unknown as JsonObject);
  const [errors, setErrors] = useState<FormErrors>({});
  const body = { name: name.trim(), description: description.trim(), settings: settings as never };
  const save = useMutation({
    mutationFn: () => (row ? request(updateAgent, { params: { id: row.id }, body }) : request(createAgent, { body })),
    onSuccess: async (saved) => {
      toastDone(`Saved ${saved.name}`);
      await queryClient.invalidateQueries({ queryKey: agentKeys.list });
      onClose();
    },
    onError: (thrown) => setErrors(refusedForm(thrown)),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    const found = checkForm(createAgent.body, body);
    setErrors(found);
    if (Object.keys(found).length === 0) save.mutate();
  }

  return (
    <Dialog
      open
      size="wide"
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={row ? `Change ${row.name}` : 'New agent'}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" loading={save.isPending}>
            Save agent
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate className="flex flex-col gap-4">
        <Field label="Name" required error={errors.name} help="Steps choose it by this name">
          {(control) => <Input {...control} size="page" autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="Description" error={errors.description}>
          {(control) => <Input {...control} size="page" value={description} onChange={(event) => setDescription(event.target.value)} />}
        </Field>
        <ConfigForm
          fields={FIELDS}
          value={settings}
          errors={faultsOfSettings(errors)}
          onChange={(path, value) => setSettings((before) => (setAt(before, path, value) ?? {}) as JsonObject)}
        />
        <FormError>{errors['']}</FormError>
      </form>
    </Dialog>
  );
}

/** The faults below `settings`, by pointer from there. */
function faultsOfSettings(errors: FormErrors): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(errors).flatMap(([path, text]) =>
      path === 'settings' || path.startsWith('settings.') ? [[path.slice('settings'.length).replaceAll('.', '/'), text] as const] : [],
    ),
  );
}
