import { useId } from 'react';
import { Field } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { Select } from '#components/ui/select.tsx';
import { Switch } from '#components/ui/switch.tsx';
import type { RuleBodyProps } from './rule-props.ts';

const JOINS = [
  { value: 'all', label: 'All have completed' },
  { value: 'any', label: 'Any one has completed' },
  { value: 'quorum', label: 'A number of them have completed' },
] as const;

/** How the edges into a step decide that it starts. */
export function JoinRule({ step, errors, onChange, onBlur }: Omit<RuleBodyProps, 'rule' | 'steps'>) {
  const switchId = useId();
  const join = step.join ?? 'all';
  const incoming = step.depends_on?.length ?? 0;
  return (
    <>
      <Field
        label="Starts when"
        error={errors.get('/join')}
        help={incoming < 2 ? 'It has fewer than two connections into it now.' : undefined}
      >
        {(control) => (
          <Select
            {...control}
            options={JOINS}
            value={join}
            onValueChange={(next) =>
              onChange({
                join: next,
                min_success: next === 'quorum' ? (step.min_success ?? Math.max(1, incoming - 1)) : null,
                ...(next === 'all' ? { cancel_rest: null } : { allow_failed_deps: null }),
              })
            }
          />
        )}
      </Field>
      {join === 'quorum' && (
        <Field label={`How many of ${incoming}`} required error={errors.get('/min_success')}>
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={incoming}
              value={step.min_success ?? ''}
              onChange={(event) => onChange({ min_success: event.target.value === '' ? null : Math.round(Number(event.target.value)) })}
              onBlur={onBlur}
            />
          )}
        </Field>
      )}
      <label htmlFor={switchId} className="flex items-center gap-2 text-small">
        {join === 'all' ? (
          <Switch
            id={switchId}
            checked={step.allow_failed_deps === true}
            onCheckedChange={(on) => onChange({ allow_failed_deps: on || null })}
          />
        ) : (
          <Switch id={switchId} checked={step.cancel_rest === true} onCheckedChange={(on) => onChange({ cancel_rest: on || null })} />
        )}
        {join === 'all' ? 'Also when some of them failed' : 'Then cancel what only this step waited for'}
      </label>
    </>
  );
}
