import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Input, Textarea } from '#components/ui/input.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { request } from '#lib/client/request.ts';
import { templateKeys } from '#lib/client/templates.ts';
import { createTemplate } from '#lib/contracts/templates.ts';
import type { WorkflowRow } from '#lib/contracts/workflows.ts';

/** Asks for what the gallery shows, and keeps the newest version as a template. */
export function SaveTemplateDialog({ workflow, onClose }: { workflow: WorkflowRow; onClose: () => void }) {
  const queryClient = useQueryClient();
  const router = useRouter();
  const formId = useId();
  const [values, setValues] = useState({ name: workflow.name, description: workflow.description, category: 'Own', tags: '' });
  const save = useMutation({
    mutationFn: () => {
      const tags = values.tags
        .split(',')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== '');
      return request(createTemplate, { body: { ...values, tags, workflow_id: workflow.id } });
    },
    onSuccess: async ({ template_id }) => {
      await queryClient.invalidateQueries({ queryKey: templateKeys.all });
      toastDone(`Saved ${values.name.trim()} as a template`);
      onClose();
      router.push(`/templates/${template_id}`);
    },
  });
  const missing = values.name.trim() === '' || values.category.trim() === '';
  const change = (key: keyof typeof values) => (event: { target: { value: string } }) =>
    setValues({ ...values, [key]: event.target.value });

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!missing) save.mutate();
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Save as template"
      description={`Copies v${workflow.version}. Later versions of the workflow leave the template as it is.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" loading={save.isPending} disabled={missing}>
            Save template
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Name" required>
          {(control) => <Input {...control} size="page" maxLength={200} value={values.name} onChange={change('name')} />}
        </Field>
        <Field label="Description">
          {(control) => <Textarea {...control} rows={3} maxLength={1000} value={values.description} onChange={change('description')} />}
        </Field>
        <Field label="Category" required>
          {(control) => <Input {...control} size="page" maxLength={50} value={values.category} onChange={change('category')} />}
        </Field>
        <Field label="Tags" help="Separated by commas">
          {(control) => <Input {...control} size="page" value={values.tags} onChange={change('tags')} />}
        </Field>
        <FormError>{save.error?.message}</FormError>
      </form>
    </Dialog>
  );
}
