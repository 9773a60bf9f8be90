import type { Json, JsonObject } from '#lib/base/json.ts';
import type { FieldSpec } from './field-spec.ts';

/** Keys and indexes from the form's own value to the changed place; an absent value removes it. */
export type FieldChange = (path: readonly (string | number)[], value: Json | undefined) => void;

export interface ConfigFieldProps {
  readonly field: FieldSpec;
  readonly value: Json | undefined;
  /** The other fields of the same form. */
  readonly siblings: JsonObject;
  readonly onChange: FieldChange;
  readonly onBlur?: () => void;
  /** Faults at this field (`''`) and inside of it. */
  readonly errors: ReadonlyMap<string, string>;
}
