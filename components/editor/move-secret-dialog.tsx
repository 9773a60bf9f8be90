import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { checkForm, type FormErrors, refusedForm } from '#lib/client/form-errors.ts';
import { request } from '#lib/client/request.ts';
import { secretKeys, secretListOptions } from '#lib/client/secrets.ts';
import { putSecret } from '#lib/contracts/secrets.ts';
import { plainSecretOf } from '#lib/workflow/quick-fixes.ts';
import { useEditorParts } from './editor-context.ts';
import { applyFix } from './open-problem.ts';
import type { FoundProblem } from './use-problems.ts';

/** Makes a real secret of one that stands in plain text, and writes its name in its place. */
export function MoveSecretDialog({ problem, onClose }: { readonly problem: FoundProblem; readonly onClose: () => void }) {
  const parts = useEditorParts();
  const queries = useQueryClient();
  const formId = useId();
  const { history, catalog } = parts.store.getState();
  const [found] = useState(() => plainSecretOf(problem, history.present, catalog));
  const [name, setName] = useState(found?.name ?? '');
  const [errors, setErrors] = useState<FormErrors>({});
  const { data: known } = useQuery(secretListOptions());
  const put = useMutation({
    mutationFn: () => request(putSecret, { params: { name: name.trim() }, body: { value: found?.value ?? '' } }),
    onSuccess: async ({ name: saved }) => {
      await queries.invalidateQueries({ queryKey: secretKeys.list });
      onClose();
      // The place is looked for again: the document may have changed while the secret was saved.
      const { history: then } = parts.store.getState();
      const still = plainSecretOf(problem, then.present, catalog);
      if (still !== null && still.value === found?.value)
        applyFix(parts, { label: `Move it to the secret ${saved}`, edit: still.replace(saved) });
    },
    onError: (thrown) => setErrors(refusedForm(thrown)),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    const wrong: FormErrors = {
      ...checkForm(putSecret.params, { name: name.trim() }),
      ...checkForm(putSecret.body, { value: found?.value ?? '' }),
    };
    const isTaken = known?.secrets.some((row) => row.name === name.trim()) === true;
    const all = isTaken ? { ...wrong, name: 'There is already a secret of this name' } : wrong;
    setErrors(all.value === undefined ? all : { ...all, '': all.value });
    if (Object.keys(all).length === 0) put.mutate();
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Move this out of plain text?"
      description="It is kept encrypted and the step reads it by its name. Versions that were saved before still hold the text: make the key anew where it matters."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" loading={put.isPending} disabled={found === null}>
            Move it to the secret
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate autoComplete="off" className="flex flex-col gap-4">
        <Field label="Name" required error={errors.name} help={`The step reads it as {{ secrets.${name.trim() || 'NAME'} }}`} reserve>
          {(control) => (
            <Input
              {...control}
              size="page"
              spellCheck={false}
              className="font-mono"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <FormError>{errors['']}</FormError>
      </form>
    </Dialog>
  );
}
