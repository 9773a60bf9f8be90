import type { ComponentType } from 'react';
import { isJsonObject, type JsonObject } from '#lib/base/json.ts';
import { errorsWithin } from './errors-within.ts';
import type { ConfigFieldProps } from './field-props.ts';
import { type FieldSpec, isShown } from './field-spec.ts';

interface GroupFieldProps extends ConfigFieldProps {
  /** Draws one field of the group; given, because it draws groups in its turn. */
  readonly SubField: ComponentType<ConfigFieldProps>;
}

/**
 * A small object as a form of its own. Where its first field says what kind it is (a sign-in: bearer, basic …) that field
 * stands alone until it is chosen and, taken back, takes the whole group along; other groups show all their fields, and go
 * when the last of them is emptied.
 */
export function GroupField({ field, value, onChange, onBlur, errors, SubField }: GroupFieldProps) {
  const current: JsonObject = isJsonObject(value ?? null) ? (value as JsonObject) : {};
  const kind = kindOf(field);
  const isChosen = kind === null || current[kind.key] !== undefined;
  const shown = field.items.filter((sub) => sub === kind || (isChosen && isShown(sub, current, field.items)));

  function empties(sub: FieldSpec): boolean {
    if (field.required) return false;
    return sub === kind || (kind === null && Object.keys(current).every((key) => key === sub.key));
  }

  return (
    <div className="flex flex-col gap-3 rounded-control border border-line-1 p-2">
      {shown.map((sub) => (
        <SubField
          key={sub.key}
          field={sub === kind ? { ...sub, required: field.required, help: '' } : sub}
          value={current[sub.key]}
          siblings={current}
          onChange={(path, next) => onChange(next === undefined && path.length === 0 && empties(sub) ? [] : [sub.key, ...path], next)}
          {...(onBlur ? { onBlur } : {})}
          errors={errorsWithin(errors, sub.key)}
        />
      ))}
    </div>
  );
}

/** The field that decides which of the others belong to the group. */
function kindOf({ items }: FieldSpec): FieldSpec | null {
  const [first] = items;
  return first !== undefined && first.widget === 'select' && first.fallback === undefined && first.required ? first : null;
}
