import type { ComponentType } from 'react';
import { isJsonObject } from '#lib/base/json.ts';
import { errorsWithin } from './errors-within.ts';
import type { ConfigFieldProps } from './field-props.ts';
import { isShown } from './field-spec.ts';

interface GroupFieldProps extends ConfigFieldProps {
  /** Draws one field of the group; given, because it draws groups in its turn. */
  readonly SubField: ComponentType<ConfigFieldProps>;
}

/**
 * A small object as a form of its own, such as a sign-in. Its first field says what kind it is and stands alone until it is
 * chosen; taken back, it takes the whole group along.
 */
export function GroupField({ field, value, onChange, onBlur, errors, SubField }: GroupFieldProps) {
  const current = isJsonObject(value ?? null) ? (value as Record<string, never>) : {};
  const [kind] = field.items;
  if (kind === undefined) return null;
  const isChosen = current[kind.key] !== undefined;
  const shown = field.items.filter((sub) => sub === kind || (isChosen && isShown(sub, current, field.items)));
  return (
    <div className="flex flex-col gap-2 rounded-control border border-line-1 p-2">
      {shown.map((sub) => (
        <SubField
          key={sub.key}
          field={sub === kind ? { ...sub, required: field.required, help: '' } : sub}
          value={current[sub.key]}
          siblings={current}
          onChange={(path, next) => onChange(sub === kind && next === undefined ? [] : [sub.key, ...path], next)}
          {...(onBlur ? { onBlur } : {})}
          errors={errorsWithin(errors, sub.key)}
        />
      ))}
    </div>
  );
}
