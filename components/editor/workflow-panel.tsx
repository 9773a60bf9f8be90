import { Field, type FieldControl } from '#components/ui/field.tsx';
import { Input, Textarea } from '#components/ui/input.tsx';
import { Select } from '#components/ui/select.tsx';
import { isJsonObject } from '#lib/base/json.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import type { Edit } from '#lib/workflow/edit.ts';
import { JsonField } from '../form/json-field.tsx';
import { useEditor, useWorkflowDefinition } from './editor-context.ts';
import type { Problems } from './use-problems.ts';

type WorkflowChanges = Extract<Edit, { kind: 'update_workflow' }>['changes'];

const LAST_STEPS = '(last)';
const ON_ERROR = [
  { value: 'fail', label: 'Fail the run' },
  { value: 'pause', label: 'Pause the run' },
] as const;

/** The workflow's own settings, while no step is selected. */
export function WorkflowPanel({ problems }: { readonly problems: Problems }) {
  const definition = useWorkflowDefinition();
  const { dispatch, endGesture } = useEditor((state) => state);
  const change = (changes: WorkflowChanges, field: string) =>
    dispatch({ kind: 'update_workflow', changes }, { label: `Edit ${field}`, mergeKey: `workflow/${field}` });
  const fault = (field: string) =>
    problems.all.find((problem) => problem.path === `/${field}` || problem.path.startsWith(`/${field}/`))?.message;
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4">
      <h2 className="text-heading">Workflow</h2>
      <Field label="Description" error={fault('description')}>
        {(control) => (
          <Textarea
            {...control}
            value={definition.description ?? ''}
            placeholder="What it does and for whom"
            onChange={(event) => change({ description: event.target.value === '' ? null : event.target.value }, 'description')}
            onBlur={endGesture}
          />
        )}
      </Field>
      <Field label="Input" error={fault('input_schema')} help="JSON Schema of the input. It draws the Run form and refuses bad input.">
        {(control) => (
          <JsonField
            field={{ placeholder: '{ "type": "object" }', required: false }}
            control={control}
            value={definition.input_schema}
            onChange={(_path, value) => change({ input_schema: isJsonObject(value) ? value : null }, 'input_schema')}
            onBlur={endGesture}
            minLines={4}
          />
        )}
      </Field>
      <Field label="Output" error={fault('output')} help="The step whose output is the run’s.">
        {(control) => <OutputSelect definition={definition} control={control} onChange={(output) => change({ output }, 'output')} />}
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label="When a step fails" error={fault('on_error')}>
          {(control) => (
            <Select
              {...control}
              options={ON_ERROR}
              value={definition.on_error ?? 'fail'}
              onValueChange={(value) => change({ on_error: value === 'fail' ? null : value }, 'on_error')}
            />
          )}
        </Field>
        <Field label="Timeout of a run" error={fault('timeout')}>
          {(control) => (
            <Input
              {...control}
              value={definition.timeout ?? ''}
              placeholder="none"
              onChange={(event) => change({ timeout: event.target.value === '' ? null : event.target.value }, 'timeout')}
              onBlur={endGesture}
            />
          )}
        </Field>
      </div>
    </div>
  );
}

interface OutputSelectProps {
  readonly definition: Definition;
  readonly control: FieldControl;
  readonly onChange: (output: string | null) => void;
}

function OutputSelect({ definition, control, onChange }: OutputSelectProps) {
  const options = [
    { value: LAST_STEPS, label: 'Outputs of the last steps' },
    ...definition.steps.map((step) => ({ value: step.id, label: step.name ?? step.id })),
  ];
  return (
    <Select
      {...control}
      options={options}
      value={definition.output ?? LAST_STEPS}
      onValueChange={(value) => onChange(value === LAST_STEPS ? null : value)}
    />
  );
}
