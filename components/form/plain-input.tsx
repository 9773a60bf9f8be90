import { Input, Textarea } from '#components/ui/input.tsx';
import type { Json } from '#lib/base/json.ts';
import type { ConfigFieldProps } from './field-props.ts';
import { textOfValue } from './value-text.ts';

interface PlainInputProps extends Pick<ConfigFieldProps, 'field' | 'value' | 'onBlur'> {
  readonly control: { readonly id: string };
  readonly onValue: (value: Json) => void;
}

/** A field that holds no expression: a line, a number, or several lines. */
export function PlainInput({ field, value, onBlur, control, onValue }: PlainInputProps) {
  const isNumber = field.widget === 'number' || field.widget === 'duration';
  const shared = { ...control, ...(onBlur ? { onBlur } : {}), value: textOfValue(value), placeholder: field.placeholder };
  if (field.widget === 'multiline') return <Textarea {...shared} rows={4} onChange={(event) => onValue(event.target.value)} />;
  return (
    <Input
      {...shared}
      type={field.widget === 'number' ? 'number' : 'text'}
      {...(field.integer ? { step: 1 } : {})}
      onChange={(event) => onValue(isNumber ? numberIfNumeric(event.target.value) : event.target.value)}
    />
  );
}

/** A number where the text is one, else the text. */
export function numberIfNumeric(text: string): Json {
  return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
}
