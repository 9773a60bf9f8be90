import { TriangleAlert } from 'lucide-react';
import type { Step } from '#lib/workflow/definition.ts';
import { stepType } from '#lib/workflow/step-type.ts';
import { ConfigForm } from '../form/config-form.tsx';
import { fieldsOfType } from '../form/field-spec.ts';
import { useDefinition, useEditor } from './editor-context.ts';
import { errorsBelow, type Problems, warningsOf } from './use-problems.ts';

interface StepPartProps {
  readonly step: Step;
  readonly problems: Problems;
}

/** The form of the step's config, generated from its type. */
export function StepConfig({ step, problems }: StepPartProps) {
  const definition = useDefinition();
  const { catalog, dispatch, endGesture } = useEditor((state) => state);
  const type = stepType(catalog, step.type);
  if (type === undefined) {
    return (
      <p className="text-body text-text-2">
        There is no step type <code className="font-mono text-code">{step.type}</code> here. Change the type on the JSON tab, or delete the
        step.
      </p>
    );
  }
  const errors = errorsBelow(problems, definition, step.id, 'config');
  return (
    <>
      {warningsOf(problems, step.id).map((warning) => (
        <p key={warning.path + warning.message} className="mb-4 flex gap-1.5 text-small text-status-paused">
          <TriangleAlert className="mt-0.5 size-3 shrink-0" aria-hidden />
          {warning.message}
        </p>
      ))}
      {errors.get('') && <p className="mb-4 text-small text-status-failed">{errors.get('')}</p>}
      <ConfigForm
        fields={fieldsOfType(type)}
        value={step.config ?? {}}
        errors={errors}
        onBlur={endGesture}
        onChange={(path, value) =>
          dispatch(
            { kind: 'set_config_field', id: step.id, path, ...(value === undefined ? {} : { value }) },
            { label: `Edit ${step.id}`, mergeKey: `${step.id}/${path.join('/')}` },
          )
        }
      />
    </>
  );
}
