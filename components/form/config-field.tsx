import { Field } from '#components/ui/field.tsx';
import { Select } from '#components/ui/select.tsx';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { BodyField } from './body-field.tsx';
import { CodeEditor } from './code-editor.tsx';
import { type CodeLanguage, isCodeLanguage, languageExtension } from './code-language.ts';
import { ExpressionInput } from './expression-input.tsx';
import type { ConfigFieldProps } from './field-props.ts';
import type { FieldSpec } from './field-spec.ts';
import { GroupField } from './group-field.tsx';
import { JsonField } from './json-field.tsx';
import { KeyValueField } from './key-value-field.tsx';
import { ListField } from './list-field.tsx';
import { AgentField, SecretField } from './named-field.tsx';
import { numberIfNumeric, PlainInput } from './plain-input.tsx';
import { ToggleField } from './toggle-field.tsx';
import { textOfValue } from './value-text.ts';
import { WorkflowPicker } from './workflow-picker.tsx';

/** Label, control by the field's widget, and help or fault below. */
export function ConfigField(props: ConfigFieldProps) {
  const { field, value, errors } = props;
  const own = errors.get('') ?? (isComposite(field) ? null : ([...errors.values()][0] ?? null));
  const hasExpression = typeof value === 'string' && (value.includes('{{') || field.expression);
  const help = hasExpression ? undefined : field.help;
  if (field.widget === 'toggle' && field.required) return <ToggleField {...props} />;
  return (
    <Field label={field.label} required={field.required} help={help || undefined} error={own} className="group/field">
      {(control) => <Control {...props} control={control} />}
    </Field>
  );
}

function isComposite(field: FieldSpec): boolean {
  return field.widget === 'list' || field.widget === 'group' || field.widget === 'key-value';
}

type ControlProps = ConfigFieldProps & { readonly control: Parameters<React.ComponentProps<typeof Field>['children']>[0] };

function Control(props: ControlProps) {
  const { field, value, onChange, onBlur, control, siblings } = props;
  const set = (next: Json | undefined) => onChange([], next === '' && !field.required ? undefined : next);
  const blur = onBlur ? { onBlur } : {};
  const isTemplate = typeof value === 'string' && value.includes('{{');
  if (field.widget === 'list') return <ListField {...props} SubField={ConfigField} />;
  if (field.widget === 'body') return <BodyField value={value} />;
  if (field.widget === 'group') return <GroupField {...props} SubField={ConfigField} />;
  if (field.widget === 'secret' && !isTemplate) return <SecretField {...props} />;
  if (field.widget === 'agent' && !isTemplate) return <AgentField {...props} />;
  if (field.widget === 'key-value' && !isTemplate) return <KeyValueField {...props} />;
  if ((field.widget === 'select' || field.widget === 'toggle') && !isTemplate) return <ChoiceField {...props} />;
  if (field.widget === 'workflow' && !isTemplate) {
    return <WorkflowPicker control={control} value={typeof value === 'string' ? value : undefined} onChange={set} onBlur={onBlur} />;
  }
  if (field.widget === 'json' && !isTemplate) return <JsonField {...props} />;
  if (field.widget === 'code' && !field.expression) {
    const language = codeLanguageOf(field, siblings);
    return (
      <CodeEditor
        {...blur}
        code
        control={control}
        value={textOfValue(value)}
        onChange={set}
        extensions={() => languageExtension(language)}
        extensionKey={language}
        minLines={8}
        maxLines={24}
        placeholder={field.placeholder}
      />
    );
  }
  if (field.expression || field.template || isTemplate) {
    return (
      <ExpressionInput
        {...blur}
        control={control}
        label={field.label}
        mode={field.expression ? 'expression' : 'template'}
        value={textOfValue(value)}
        onChange={(text) => set(field.widget === 'number' || field.widget === 'duration' ? numberIfNumeric(text) : text)}
        placeholder={field.placeholder}
        {...(field.widget === 'code' ? { minLines: 3, maxLines: 24 } : field.widget === 'multiline' ? { minLines: 4, maxLines: 16 } : {})}
        {...(field.expression ? { language: 'jsonata' as const } : {})}
      />
    );
  }
  return <PlainInput {...blur} field={field} value={value} control={control} onValue={set} />;
}

/** A code field is coloured as its sibling `language` says, else as its hint does. */
function codeLanguageOf(field: FieldSpec, siblings: JsonObject): CodeLanguage {
  const { language } = siblings;
  return isCodeLanguage(language) ? language : (field.language ?? 'json');
}

const UNSET = '(default)';

/** One of a few; a field that may be left out can be set back to its default. */
function ChoiceField({ field, value, onChange, onBlur, control }: ControlProps) {
  const isToggle = field.widget === 'toggle';
  const choices = isToggle
    ? [
        { value: 'true', label: 'On' },
        { value: 'false', label: 'Off' },
      ]
    : field.options.map((option) => ({ value: option, label: option }));
  // A default that is one of the choices is shown as that choice.
  const fallback = field.fallback ?? (field.options.includes(field.unset) ? field.unset : undefined);
  const options = field.required || fallback !== undefined ? choices : [{ value: UNSET, label: field.unset }, ...choices];
  const current = value ?? fallback;
  return (
    <Select
      {...control}
      options={options}
      value={current === undefined ? (field.required ? undefined : UNSET) : String(current)}
      onValueChange={(next) => {
        onChange([], next === UNSET ? undefined : isToggle ? next === 'true' : next);
        onBlur?.();
      }}
    />
  );
}
