'use client';

import { useId } from 'react';
import { Field } from '#components/ui/field.tsx';
import { Input, Textarea } from '#components/ui/input.tsx';
import { Select } from '#components/ui/select.tsx';
import { Switch } from '#components/ui/switch.tsx';
import type { Parameter } from './parameters.ts';

interface ParameterFieldProps {
  readonly parameter: Parameter;
  readonly value: string | boolean;
  readonly error: string | undefined;
  readonly onChange: (value: string | boolean) => void;
}

/** The control that fits a parameter's kind. */
export function ParameterField({ parameter, value, error, onChange }: ParameterFieldProps) {
  if (parameter.kind === 'toggle') {
    return <ToggleField parameter={parameter} on={value === true} onChange={onChange} />;
  }
  const text = String(value);
  return (
    <Field label={parameter.label} required={parameter.required} help={parameter.help} error={error}>
      {(control) => {
        if (parameter.kind === 'choice') {
          const options = parameter.choices.map((choice) => ({ value: choice, label: choice }));
          return <Select {...control} size="page" options={options} value={text || undefined} onValueChange={onChange} />;
        }
        if (parameter.kind === 'long-text' || parameter.kind === 'json') {
          return (
            <Textarea
              {...control}
              mono={parameter.kind === 'json'}
              rows={4}
              value={text}
              onChange={(event) => onChange(event.target.value)}
            />
          );
        }
        return (
          <Input
            {...control}
            size="page"
            mono={parameter.schema.format === 'uri'}
            inputMode={parameter.kind === 'number' ? 'decimal' : 'text'}
            value={text}
            onChange={(event) => onChange(event.target.value)}
          />
        );
      }}
    </Field>
  );
}

function ToggleField({ parameter, on, onChange }: { parameter: Parameter; on: boolean; onChange: (on: boolean) => void }) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center gap-2">
        <Switch id={id} checked={on} onCheckedChange={onChange} aria-describedby={parameter.help ? `${id}-help` : undefined} />
        <label htmlFor={id} className="font-medium text-small">
          {parameter.label}
        </label>
      </div>
      {parameter.help ? (
        <p id={`${id}-help`} className="pl-9 text-small text-text-3">
          {parameter.help}
        </p>
      ) : null}
    </div>
  );
}
