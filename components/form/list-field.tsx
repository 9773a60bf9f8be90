import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import type { ComponentType } from 'react';
import { Button } from '#components/ui/button.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';
import type { ConfigFieldProps } from './field-props.ts';

interface ListFieldProps extends ConfigFieldProps {
  /** Draws one field of an item; given, because it draws lists in its turn. */
  readonly SubField: ComponentType<ConfigFieldProps>;
}

/** A list of small objects, such as the cases of a condition: order counts, so rows can be moved. */
export function ListField({ field, value, onChange, onBlur, errors, SubField }: ListFieldProps) {
  const items = Array.isArray(value) ? value.map((item) => (isJsonObject(item) ? item : {})) : [];
  const set = (next: readonly Json[]) => onChange([], next.length === 0 && !field.required ? undefined : next);
  const move = (from: number, to: number) => {
    const item = items[from];
    if (item !== undefined) set(items.toSpliced(from, 1).toSpliced(to, 0, item));
  };
  return (
    <div className="flex flex-col gap-2">
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
        <div key={index} className="rounded-control border border-line-1 p-2">
          <div className="mb-1 flex items-center">
            <span className="flex-1 text-micro text-text-3">{index + 1}</span>
            <IconButton size="row" icon={ArrowUp} label="Move up" disabled={index === 0} onClick={() => move(index, index - 1)} />
            <IconButton
              size="row"
              icon={ArrowDown}
              label="Move down"
              disabled={index === items.length - 1}
              onClick={() => move(index, index + 1)}
            />
            <IconButton size="row" icon={X} label="Remove" onClick={() => set(items.toSpliced(index, 1))} />
          </div>
          <div className="flex flex-col gap-2">
            {field.items.map((sub) => (
              <SubField
                key={sub.key}
                field={{ ...sub, help: '' }}
                value={item[sub.key]}
                siblings={item}
                onChange={(path, next) => onChange([index, sub.key, ...path], next)}
                {...(onBlur ? { onBlur } : {})}
                errors={within(errors, `/${index}/${sub.key}`)}
              />
            ))}
          </div>
        </div>
      ))}
      <Button variant="ghost" size="row" className="self-start" onClick={() => set([...items, blank(field.items, items.length)])}>
        <Plus className="size-3.5" aria-hidden />
        Add to {field.label.toLowerCase()}
      </Button>
    </div>
  );
}

/** A new row. One that holds an expression is to work at once: its texts are named after their place, as branches must be. */
function blank(fields: ConfigFieldProps['field']['items'], count: number): JsonObject {
  if (!fields.some((field) => field.expression)) return {};
  return Object.fromEntries(
    fields
      .filter((field) => field.required)
      .map((field) => [field.key, field.expression ? 'true' : `${field.label.toLowerCase()}_${count + 1}`]),
  );
}

function within(errors: ReadonlyMap<string, string>, prefix: string): ReadonlyMap<string, string> {
  return new Map(
    [...errors].flatMap(([path, text]) => (path === prefix || path.startsWith(`${prefix}/`) ? [[path.slice(prefix.length), text]] : [])),
  );
}
