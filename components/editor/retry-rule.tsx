import { useId } from 'react';
import { Field } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { Select } from '#components/ui/select.tsx';
import { Switch } from '#components/ui/switch.tsx';
import type { Retry } from '#lib/workflow/definition.ts';
import type { RuleBodyProps } from './rule-props.ts';

const BACKOFFS = [
  { value: 'exponential', label: 'Exponential' },
  { value: 'linear', label: 'Linear' },
  { value: 'constant', label: 'Constant' },
] as const;

/** How often and how soon a failed step is tried again. */
export function RetryRule({ step, errors, onChange, onBlur }: RuleBodyProps) {
  const jitterId = useId();
  const retry: Retry = step.retry ?? {};
  const set = (change: { [K in keyof Retry]: Retry[K] | undefined }) => {
    const next = Object.fromEntries(Object.entries({ ...retry, ...change }).filter(([, value]) => value !== undefined && value !== ''));
    onChange({ retry: next });
  };
  return (
    <>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Attempts" error={errors.get('/retry/max_attempts')} help="The first one counts.">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              placeholder="3"
              value={retry.max_attempts ?? ''}
              onChange={(event) => set({ max_attempts: event.target.value === '' ? undefined : Math.round(Number(event.target.value)) })}
              onBlur={onBlur}
            />
          )}
        </Field>
        <Field label="Backoff">
          {(control) => (
            <Select
              {...control}
              options={BACKOFFS}
              value={retry.backoff === 'fixed' ? 'constant' : (retry.backoff ?? 'exponential')}
              onValueChange={(backoff) => set({ backoff })}
            />
          )}
        </Field>
        <Field label="First delay" error={errors.get('/retry/delay')}>
          {(control) => (
            <Input
              {...control}
              placeholder="5s"
              value={retry.delay ?? ''}
              onChange={(event) => set({ delay: event.target.value })}
              onBlur={onBlur}
            />
          )}
        </Field>
        <Field label="Longest delay" error={errors.get('/retry/max_delay')}>
          {(control) => (
            <Input
              {...control}
              placeholder="60s"
              value={retry.max_delay ?? ''}
              onChange={(event) => set({ max_delay: event.target.value })}
              onBlur={onBlur}
            />
          )}
        </Field>
      </div>
      <label htmlFor={jitterId} className="flex items-center gap-2 text-small">
        <Switch id={jitterId} checked={retry.jitter === true} onCheckedChange={(jitter) => set({ jitter: jitter || undefined })} />
        Spread the delays at random
      </label>
    </>
  );
}
