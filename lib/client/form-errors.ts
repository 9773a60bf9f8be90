import type { z } from 'zod';
import { errorMessage } from '#lib/base/errors.ts';
import { ApiError } from '#lib/client/request.ts';

/** One sentence per field, by its dotted path; the whole form's under `''`. */
export type FormErrors = Readonly<Record<string, string>>;

/** What the contract's own schema says of a body before it is sent; empty where it would be accepted. */
export function checkForm(schema: z.ZodType, value: unknown): FormErrors {
  const result = schema.safeParse(value);
  if (result.success) return {};
  const errors: Record<string, string> = {};
  for (const issue of result.error.issues) errors[issue.path.join('.')] ??= issue.message;
  return errors;
}

/** A refusal of the server, put beside the fields that caused it; what belongs to no field stands under `''`. */
export function refusedForm(thrown: unknown): FormErrors {
  if (!(thrown instanceof ApiError) || thrown.details.length === 0) return { '': errorMessage(thrown) };
  const errors: Record<string, string> = {};
  for (const problem of thrown.details) errors[pointerToPath(problem.path)] ??= problem.message;
  return errors;
}

function pointerToPath(pointer: string): string {
  const tokens = pointer.split('/').slice(1);
  if (tokens[0] === 'body') tokens.shift();
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~')).join('.');
}
