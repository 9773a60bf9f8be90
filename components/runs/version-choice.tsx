import { useQuery } from '@tanstack/react-query';
import { Field } from '#components/ui/field.tsx';
import { Select } from '#components/ui/select.tsx';
import { workflowOptions } from '#lib/client/workflows.ts';
import type { Run } from '#lib/contracts/runs.ts';

interface VersionChoiceProps {
  readonly run: Run;
  /** Null: the run's own. */
  readonly value: number | null;
  readonly onChange: (version: number | null) => void;
}

/** On which version to go on: the run's own, or the newest. Not drawn where they are the same. */
export function VersionChoice({ run, value, onChange }: VersionChoiceProps) {
  const newest = useQuery(workflowOptions(run.workflow_id)).data?.version ?? 0;
  if (newest === 0 || newest === run.version) return null;
  const own = run.version === null ? 'The draft as it was then' : `v${run.version}, as this run`;
  return (
    <Field label="Version">
      {(control) => (
        <Select
          {...control}
          className="w-60"
          value={value === null ? 'own' : String(value)}
          onValueChange={(next) => onChange(next === 'own' ? null : Number(next))}
          options={[
            { value: 'own', label: own },
            { value: String(newest), label: `v${newest}, the newest` },
          ]}
        />
      )}
    </Field>
  );
}
