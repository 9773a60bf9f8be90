import { AppError } from '#lib/base/errors.ts';

/**
 * Refuses text from a query that PostgreSQL cannot take: NUL and lone surrogates. (Bodies are checked as they are read.)
 */
export function requireStorableText(fields: Readonly<Record<string, string | undefined>>): void {
  for (const [name, text] of Object.entries(fields)) {
    if (text === undefined || (!text.includes('\u0000') && text.isWellFormed())) continue;
    const message = `${name} must not contain the NUL character or half a surrogate pair`;
    throw new AppError('validation_error', message, { details: [{ path: `/query/${name}`, code: 'unstorable_text', message }] });
  }
}
