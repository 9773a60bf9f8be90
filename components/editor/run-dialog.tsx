import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { FormError } from '#components/ui/field.tsx';
import { Segmented } from '#components/ui/segmented.tsx';
import { isJsonObject, type Json } from '#lib/base/json.ts';
import { ApiError, request } from '#lib/client/request.ts';
import { startRun } from '#lib/contracts/runs.ts';
import { setAt } from '#lib/workflow/set-at.ts';
import { ConfigForm } from '../form/config-form.tsx';
import { fieldsOfInputSchema } from '../form/field-spec.ts';
import { JsonField } from '../form/json-field.tsx';
import { useEditor, useWorkflowDefinition } from './editor-context.ts';
import { firstInput, rememberedInput, rememberInput } from './last-inputs.ts';
import { type InputRefusal, refusalOf } from './refused-input.ts';
import { useTrial } from './use-trial.ts';

interface RunDialogProps {
  /** The newest version; 0 while there is none. */
  readonly version: number;
  /** True where the draft differs from it. */
  readonly changed: boolean;
}

/** Asks for the input and starts a run: of the newest version, or of the draft as a test. */
export function RunDialog({ version, changed }: RunDialogProps) {
  const { dialog, show } = useEditor((state) => state);
  const isTest = dialog === 'test' || version === 0;
  return (
    <Dialog
      open={dialog === 'run' || dialog === 'test'}
      onOpenChange={(open) => !open && show({ dialog: null })}
      title={isTest ? 'Test the draft?' : `Run version ${version}?`}
      description={explanation(isTest, changed)}
    >
      <RunForm key={dialog} isTest={isTest} onClose={() => show({ dialog: null })} />
    </Dialog>
  );
}

function explanation(isTest: boolean, changed: boolean): string {
  if (isTest) return 'Runs the draft as it is on the canvas, here. It does everything for real, but for steps with a pinned output.';
  return changed
    ? 'The draft has changes that are not in this version. Save a version first to run them, or test the draft.'
    : 'Starts at once.';
}

interface RunFormProps {
  readonly isTest: boolean;
  readonly onClose: () => void;
}

function RunForm({ isTest, onClose }: RunFormProps) {
  const definition = useWorkflowDefinition();
  const workflowId = useEditor((state) => state.workflowId);
  const trial = useTrial();
  const router = useRouter();
  const schema = definition.input_schema;
  const fields = schema === undefined ? [] : fieldsOfInputSchema(schema);
  const [mode, setMode] = useState<'form' | 'json'>(fields.length > 0 ? 'form' : 'json');
  const [input, setInput] = useState<Json>(() => rememberedInput(workflowId) ?? firstInput(schema));
  const [readable, setReadable] = useState(true);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<InputRefusal | null>(null);

  async function start() {
    setBusy(true);
    setRefusal(null);
    try {
      if (isTest) {
        await trial.begin({ input });
        onClose();
        return;
      }
      const { run_id } = await request(startRun, { params: { id: workflowId }, body: { input_data: input } });
      rememberInput(workflowId, input);
      router.push(`/runs/${run_id}`);
    } catch (cause) {
      setBusy(false);
      if (!(cause instanceof ApiError)) throw cause;
      setRefusal(refusalOf(cause));
    }
  }

  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      {fields.length > 0 && (
        <Segmented
          label="How to give the input"
          className="self-start"
          value={mode}
          onValueChange={(next) => {
            setMode(next);
            setReadable(true);
          }}
          options={[
            { value: 'form', label: 'Form' },
            { value: 'json', label: 'JSON' },
          ]}
        />
      )}
      {mode === 'form' ? (
        <ConfigForm
          fields={fields}
          value={isJsonObject(input) ? input : {}}
          errors={refusal?.errors ?? new Map()}
          onChange={(path, value) => setInput(setAt(isJsonObject(input) ? input : {}, path, value) ?? {})}
        />
      ) : (
        <JsonField
          label="Input"
          field={{ placeholder: '{}', required: false }}
          value={input}
          onChange={(_path, value) => setInput(value ?? {})}
          onReadable={setReadable}
          minLines={6}
        />
      )}
      {refusal !== null && (mode === 'json' || refusal.errors.size === 0) && (
        <FormError>{[refusal.message, ...[...refusal.errors].map(([path, text]) => `${path.slice(1)}: ${text}`)].join(' ')}</FormError>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" type="submit" loading={busy} disabled={mode === 'json' && !readable}>
          {isTest ? 'Test run' : 'Run'}
        </Button>
      </div>
    </form>
  );
}
