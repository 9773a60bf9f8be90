import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { cn } from '#components/ui/cn.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { ChoiceFields } from './choice-fields.tsx';
import { ConfigField } from './config-field.tsx';
import { errorsWithin } from './errors-within.ts';
import type { FieldChange } from './field-props.ts';
import { type FieldSpec, isShown, withoutLeftovers } from './field-spec.ts';

interface ConfigFormProps {
  readonly fields: readonly FieldSpec[];
  readonly value: JsonObject;
  readonly onChange: FieldChange;
  /** A field was left: what comes next is another change. */
  readonly onBlur?: () => void;
  /** First fault of each place, by JSON Pointer from the form's own value, such as `/url`. */
  readonly errors: ReadonlyMap<string, string>;
}

/** A form that a schema describes. Conditional fields come and go, advanced ones are folded under "More". */
export function ConfigForm({ fields, value, onChange, onBlur, errors }: ConfigFormProps) {
  const shown = fields.filter((field) => isShown(field, value, fields));
  const plain = shown.filter((field) => !field.advanced);
  const advanced = shown.filter((field) => field.advanced);
  const draw = (field: FieldSpec, among: readonly FieldSpec[] = [field]) => (
    <ConfigField
      key={field.key}
      field={field}
      value={value[field.key]}
      siblings={value}
      onChange={(path, next) => onChange([field.key, ...path], next)}
      {...(onBlur ? { onBlur } : {})}
      errors={errorsOf(errors, field, among, value)}
    />
  );
  return (
    <div className="flex flex-col gap-4">
      {choicesOf(plain).map((among) => {
        const [only] = among;
        if (only === undefined) return null;
        if (only.choice === null) return draw(only);
        return (
          <ChoiceFields
            key={only.choice}
            title={only.choice}
            fields={among}
            value={value}
            onChange={(next) => onChange([], withoutLeftovers(next, fields))}
            draw={(field) => draw(field, among)}
          />
        );
      })}
      {advanced.length > 0 && (
        <AdvancedFields
          count={advanced.length}
          forceOpen={advanced.some((field) => hasErrorIn(errors, field.key) || value[field.key] !== undefined)}
        >
          {advanced.map((field) => draw(field))}
        </AdvancedFields>
      )}
    </div>
  );
}

interface AdvancedFieldsProps {
  readonly count: number;
  /** Something in it is set or wrong: then it must be seen. */
  readonly forceOpen: boolean;
  readonly children: React.ReactNode;
}

function AdvancedFields({ count, forceOpen, children }: AdvancedFieldsProps) {
  const [open, setOpen] = useState(false);
  const isOpen = open || forceOpen;
  return (
    <section>
      <button
        type="button"
        aria-expanded={isOpen}
        disabled={forceOpen}
        onClick={() => setOpen(!open)}
        className="flex h-8 items-center gap-1 rounded-control text-small font-medium text-text-2 enabled:hover:text-text-1"
      >
        <ChevronRight className={cn('size-3.5', isOpen && 'rotate-90')} aria-hidden />
        More
        {!isOpen && <span className="font-normal text-text-3">{count === 1 ? '1 field' : `${count} fields`}</span>}
      </button>
      {isOpen && <div className="flex flex-col gap-4 pt-2">{children}</div>}
    </section>
  );
}

/** Each field by itself, and those that exclude each other together, where the first of them stands. */
function choicesOf(fields: readonly FieldSpec[]): readonly (readonly FieldSpec[])[] {
  return fields.flatMap((field, index) => {
    if (field.choice === null) return [[field]];
    const together = fields.filter((other) => other.choice === field.choice);
    return fields.indexOf(together[0] ?? field) === index ? [together] : [];
  });
}

/**
 * A field's faults; the one that is drawn of several also says what is wrong with the choice as a whole. Where nothing is
 * filled in yet, that one has been chosen already: it alone is missing.
 */
function errorsOf(
  errors: ReadonlyMap<string, string>,
  field: FieldSpec,
  among: readonly FieldSpec[],
  value: JsonObject,
): ReadonlyMap<string, string> {
  const own = errorsWithin(errors, field.key);
  const first = among.flatMap((other) => errorsWithin(errors, other.key).get('') ?? [])[0];
  const isBlank = among.length > 1 && among.every((other) => value[other.key] === undefined);
  if (isBlank && first !== undefined) return new Map([...own, ['', 'This is required']]);
  return first === undefined || own.has('') ? own : new Map([['', first], ...own]);
}

function hasErrorIn(errors: ReadonlyMap<string, string>, key: string): boolean {
  return errorsWithin(errors, key).size > 0;
}
