import { Field } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { Select } from '#components/ui/select.tsx';
import { Switch } from '#components/ui/switch.tsx';
import type { Retry, Step } from '#lib/workflow/definition.ts';
import { ExpressionInput } from '../form/expression-input.tsx';
import { JoinRule } from './join-rule.tsx';
import type { RuleName, StepChanges } from './run-rules.ts';

export interface RuleBodyProps {
  readonly rule: RuleName;
  readonly step: Step;
  readonly steps: readonly Step[];
  /** By pointer from the step. */
  readonly errors: ReadonlyMap<string, string>;
  readonly onChange: (changes: StepChanges) => void;
  readonly onBlur: () => void;
}

/** The fields of one rule. */
export function RuleBody(props: RuleBodyProps) {
  const { rule, step, errors, onChange, onBlur } = props;
  switch (rule) {
    case 'join':
      return <JoinRule {...props} />;
    case 'run_when':
    case 'skip_when':
      return (
        <Field label="Expression" error={errors.get(`/${rule}`)}>
          {(control) => (
            <ExpressionInput
              control={control}
              label={rule === 'run_when' ? 'Run when' : 'Skip when'}
              mode="expression"
              value={step[rule] ?? ''}
              onChange={(text) => onChange({ [rule]: text === '' ? null : text })}
              onBlur={onBlur}
            />
          )}
        </Field>
      );
    case 'retry':
      return <RetryRule {...props} />;
    case 'timeout':
      return <TextRule {...props} name="timeout" label="At most" help="A number of seconds, or text such as 500ms, 30s, 10 minutes." />;
    case 'good_until':
      return <TextRule {...props} name="good_until" label="Time" help="With its zone, such as 2027-01-01T09:00:00Z." />;
    case 'on_error':
      return <ErrorRule {...props} />;
    case 'priority':
      return (
        <div className="grid grid-cols-2 gap-3">
          <TextRule {...props} name="queue" label="Queue" help="Workers serve queues by name." />
          <Field label="Priority" error={errors.get('/priority')} help="Higher starts sooner.">
            {(control) => (
              <Input
                {...control}
                type="number"
                value={step.priority ?? ''}
                onChange={(event) => onChange({ priority: event.target.value === '' ? null : Math.round(Number(event.target.value)) })}
                onBlur={onBlur}
              />
            )}
          </Field>
        </div>
      );
    case 'sensitive':
      return <p className="text-small text-text-2">Steps still read the real output; people and the API see [REDACTED].</p>;
  }
}

interface TextRuleProps extends RuleBodyProps {
  readonly name: 'timeout' | 'good_until' | 'queue';
  readonly label: string;
  readonly help: string;
}

function TextRule({ name, label, help, step, errors, onChange, onBlur }: TextRuleProps) {
  return (
    <Field label={label} error={errors.get(`/${name}`)} help={help}>
      {(control) => (
        <Input
          {...control}
          value={step[name] ?? ''}
          onChange={(event) => onChange({ [name]: event.target.value === '' ? null : event.target.value })}
          onBlur={onBlur}
        />
      )}
    </Field>
  );
}

const BACKOFFS = [
  { value: 'exponential', label: 'Exponential' },
  { value: 'linear', label: 'Linear' },
  { value: 'constant', label: 'Constant' },
] as const;

function RetryRule({ step, errors, onChange, onBlur }: RuleBodyProps) {
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
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the switch inside is the control */}
      <label className="flex items-center gap-2 text-small">
        <Switch checked={retry.jitter === true} onCheckedChange={(jitter) => set({ jitter: jitter || undefined })} />
        Spread the delays at random
      </label>
    </>
  );
}

const ERROR_CHOICES = [
  { value: 'fail', label: 'Fail' },
  { value: 'continue', label: 'Go on with no output' },
  { value: 'fallback', label: 'Let another step take over' },
] as const;

function ErrorRule({ step, steps, errors, onChange }: RuleBodyProps) {
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
