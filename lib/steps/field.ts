import type { z } from 'zod';
import type { FieldHints } from '#lib/workflow/step-type.ts';

/** What the generated form shows for a field. */
export interface FieldMeta extends FieldHints {
  readonly title: string;
  /** One or two sentences of help, shown under the field. */
  readonly description: string;
  readonly examples?: readonly unknown[];
}

/** A config field with its label, help, examples and widget. */
export function field<T extends z.ZodType>(schema: T, meta: FieldMeta): T {
  return schema.meta({ ...meta } as z.core.GlobalMeta) as T;
}
