import { Field } from '#components/ui/field.tsx';
import { Select } from '#components/ui/select.tsx';
import type { RuleBodyProps } from './rule-props.ts';

const ERROR_CHOICES = [
  { value: 'fail', label: 'Fail' },
  { value: 'continue', label: 'Go on with no output' },
  { value: 'fallback', label: 'Let another step take over' },
] as const;

/** What happens when the step has failed for good. */
export function ErrorRule({ step, steps, errors, onChange }: RuleBodyProps) {
  const choice =
    step.fallback_step != null || step.on_error === 'fallback' ? 'fallback' : step.on_error === 'continue' ? 'continue' : 'fail';
  const others = steps.filter((other) => other.id !== step.id && (other.depends_on?.length ?? 0) === 0);
  return (
    <>
      <Field label="When it fails" error={errors.get('/on_error')}>
        {(control) => (
          <Select
            {...control}
            options={ERROR_CHOICES}
            value={choice}
            onValueChange={(value) => onChange({ on_error: value, fallback_step: value === 'fallback' ? (others[0]?.id ?? null) : null })}
          />
        )}
      </Field>
      {choice === 'fallback' && (
        <Field
          label="Step that takes over"
          error={errors.get('/fallback_step')}
          help="One without connections into it; its output stands in."
        >
          {(control) => (
            <Select
              {...control}
              options={others.map((other) => ({ value: other.id, label: other.name ?? other.id }))}
              value={step.fallback_step ?? undefined}
              onValueChange={(fallback_step) => onChange({ fallback_step })}
            />
          )}
        </Field>
      )}
    </>
  );
}
