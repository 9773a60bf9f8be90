import { type ReactNode, useState } from 'react';
import { Segmented } from '#components/ui/segmented.tsx';
import type { Json, JsonObject } from '#lib/base/json.ts';
import type { FieldSpec } from './field-spec.ts';

interface ChoiceFieldsProps {
  /** What is chosen, such as "Wait". */
  readonly title: string;
  /** The fields that exclude each other. */
  readonly fields: readonly FieldSpec[];
  readonly value: JsonObject;
  readonly onChange: (value: JsonObject) => void;
  readonly draw: (field: FieldSpec) => ReactNode;
}

/** Fields of which exactly one is filled in: a choice between them, and the chosen one below. */
export function ChoiceFields({ title, fields, value, onChange, draw }: ChoiceFieldsProps) {
  const [picked, setPicked] = useState<string | null>(null);
  const [left, setLeft] = useState<Readonly<Record<string, Json>>>({});
  const chosen = chosenField(fields, value, picked);

  /** What was filled in goes with its field, and comes back with it. */
  function choose(key: string) {
    const others = fields.filter((field) => field.key !== key && value[field.key] !== undefined);
    const kept = { ...left, ...Object.fromEntries(others.map((field) => [field.key, value[field.key] ?? null])) };
    const next = Object.fromEntries(Object.entries(value).filter(([name]) => !others.some((field) => field.key === name)));
    const before = kept[key];
    setPicked(key);
    setLeft(kept);
    onChange(next[key] === undefined && before !== undefined ? { ...next, [key]: before } : next);
  }

  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-center justify-between gap-2">
        <span className="font-medium text-small text-text-1">{title}</span>
        <Segmented
          label={title}
          options={fields.map((field) => ({ value: field.key, label: field.label }))}
          value={chosen?.key ?? ''}
          onValueChange={choose}
        />
      </div>
      {chosen && draw({ ...chosen, required: true })}
    </div>
  );
}

/** What is filled in shows; where nothing is (or more than one), what was picked last. */
function chosenField(fields: readonly FieldSpec[], value: JsonObject, picked: string | null): FieldSpec | undefined {
  const filled = fields.filter((field) => value[field.key] !== undefined);
  const candidates = filled.length > 0 ? filled : fields;
  return candidates.find((field) => field.key === picked) ?? candidates[0];
}
