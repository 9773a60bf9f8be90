import { Field } from '#components/ui/field.tsx';
import { Select } from '#components/ui/select.tsx';
import { isJsonObject } from '#lib/base/json.ts';
import { setAt } from '#lib/workflow/set-at.ts';
import { stepType } from '#lib/workflow/step-type.ts';
import { ConfigForm } from '../form/config-form.tsx';
import { fieldsOfType } from '../form/field-spec.ts';
import { useEditor } from './editor-context.ts';
import type { RuleBodyProps } from './rule-props.ts';

/** What takes the step's work back when a run fails or is cancelled with undo: the type and config of another piece of work. */
export function UndoRule({ step, errors, onChange, onBlur }: RuleBodyProps) {
  const { catalog } = useEditor((state) => state);
  const undo = step.undo ?? { type: 'http_request' };
  const type = stepType(catalog, undo.type);
  const config = undo.config ?? {};
  // What undoes runs at once, on its own: it has no steps within and waits for nobody.
  const options = Object.values(catalog)
    .filter((each) => each.category === 'action' && each.body === undefined && each.defaultTimeout !== null)
    .map((each) => ({ value: each.type, label: each.title }));
  const below = new Map(
    [...errors].flatMap(([at, text]) => (at.startsWith('/undo/config') ? [[at.slice('/undo/config'.length), text]] : [])),
  );
  return (
    <>
      <p className="text-small text-text-2">
        Runs when the run fails, or is cancelled with undo; the last step is undone first. It reads what this step put out as{' '}
        <code className="font-mono text-code">steps.{step.id}.output</code>.
      </p>
      <Field label="By" error={errors.get('/undo/type')}>
        {(control) => (
          <Select
            {...control}
            options={options}
            value={undo.type}
            onValueChange={(next) => {
              const initial = stepType(catalog, next)?.initialConfig;
              onChange({ undo: { ...undo, type: next, config: initial ?? {} } });
            }}
          />
        )}
      </Field>
      {type === undefined ? null : (
        <ConfigForm
          key={undo.type}
          fields={fieldsOfType(type)}
          value={config}
          errors={below}
          onBlur={onBlur}
          onChange={(path, value) => {
            const next = setAt(config, path, value);
            onChange({ undo: { ...undo, config: isJsonObject(next) ? next : {} } });
          }}
        />
      )}
    </>
  );
}
