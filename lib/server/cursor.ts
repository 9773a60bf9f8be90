import { AppError } from '#lib/base/errors.ts';

/**
 * Keyset cursors: the sort key of the last row that was given, as opaque base64url. A reader who follows them gets
 * every row once even while rows are added, which offsets cannot promise.
 */
export function encodeCursor(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The sort key of a cursor; each part must pass its check. Anything else was not made by us: `bad_request`. */
export function decodeCursor(cursor: string, checks: readonly ((part: string) => boolean)[]): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === checks.length && checks.every((check, at) => check(String(parts[at])))) {
      return parts.map(String);
    }
  } catch {
    // Falls through to the refusal: it is no JSON.
  }
  throw new AppError('bad_request', 'This cursor is not valid; start again without one.', {
    details: [{ path: '/cursor', code: 'bad_cursor', message: 'Use the next_cursor of an earlier answer, unchanged' }],
  });
}

export function isUuid(part: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(part);
}

/** A moment as we write it; one that no calendar has is refused here, not by the database. */
export function isTime(part: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(part) && !Number.isNaN(Date.parse(part));
}
