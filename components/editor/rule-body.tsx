import { Field } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { ExpressionInput } from '../form/expression-input.tsx';
import { ErrorRule } from './error-rule.tsx';
import { JoinRule } from './join-rule.tsx';
import { RetryRule } from './retry-rule.tsx';
import type { RuleBodyProps } from './rule-props.ts';
import { UndoRule } from './undo-rule.tsx';

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
    case 'undo':
      return <UndoRule {...props} />;
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
