import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { JsonField } from '#components/form/json-field.tsx';
import { Field } from '#components/ui/field.tsx';
import { Select } from '#components/ui/select.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { type Json, jsonEqual } from '#lib/base/json.ts';
import { stepOutputOptions } from '#lib/client/runs.ts';
import type { Run } from '#lib/contracts/runs.ts';

interface OutputChangesProps {
  readonly run: Run;
  /** Ids of the steps whose results the fork keeps. */
  readonly kept: readonly string[];
  /** Changed outputs by step id. */
  readonly outputs: ReadonlyMap<string, Json>;
  readonly onChange: (outputs: ReadonlyMap<string, Json>) => void;
  readonly onReadable: (readable: boolean) => void;
}

const NONE = '(none)';

/** Gives steps before the fork another output than they had. */
export function OutputChanges({ run, kept, outputs, onChange, onReadable }: OutputChangesProps) {
  const [step, setStep] = useState(NONE);
  // The page may have been loaded before the step ended, or hold only some of the steps: the server is asked.
  const asked = useQuery({ ...stepOutputOptions(run.id, step), enabled: step !== NONE });
  const original: Json = asked.data ?? run.step_runs.find((one) => one.step_id === step)?.output ?? null;

  function change(value: Json | undefined) {
    const next = new Map(outputs);
    if (value === undefined || jsonEqual(value, original)) next.delete(step);
    else next.set(step, value);
    onChange(next);
  }

  return (
    <div className="flex flex-col gap-2">
      <Field
        label="Change an output"
        help={
          outputs.size > 0
            ? `Changed: ${[...outputs.keys()].join(', ')}`
            : 'Steps that are kept hand on what they had, or what you write here.'
        }
      >
        {(control) => (
          <Select
            {...control}
            className="w-60"
            value={step}
            onValueChange={(next) => {
              setStep(next);
              onReadable(true);
            }}
            options={[
              { value: NONE, label: 'No step' },
              ...kept.map((id) => ({ value: id, label: outputs.has(id) ? `${id} (changed)` : id })),
            ]}
          />
        )}
      </Field>
      {step === NONE ? null : asked.isPending ? (
        <Skeleton className="h-24 w-full" />
      ) : (
        <JsonField
          key={step}
          label={`Output of ${step}`}
          field={{ placeholder: 'null', required: false }}
          value={outputs.get(step) ?? original}
          onChange={(_path, value) => change(value)}
          onReadable={onReadable}
          minLines={4}
          maxLines={12}
        />
      )}
    </div>
  );
}
