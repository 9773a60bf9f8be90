import { useQuery } from '@tanstack/react-query';
import { Field } from '#components/ui/field.tsx';
import { Select } from '#components/ui/select.tsx';
import { workflowListOptions } from '#lib/client/workflows.ts';

interface WorkflowChoiceProps {
  /** Empty: none yet. */
  readonly value: string;
  readonly onChange: (id: string) => void;
  readonly error: string | undefined;
}

/** Asks which workflow a thing is made for, where the page belongs to none. */
export function WorkflowChoice({ value, onChange, error }: WorkflowChoiceProps) {
  const { data } = useQuery(workflowListOptions({ limit: 200 }));
  const options = (data?.workflows ?? []).map((workflow) => ({ value: workflow.id, label: workflow.name }));
  return (
    <Field label="Workflow" required error={error}>
      {(control) => <Select {...control} size="page" options={options} value={value === '' ? undefined : value} onValueChange={onChange} />}
    </Field>
  );
}
