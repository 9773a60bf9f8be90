import { isDatabaseAway, isDiskFull } from '#lib/base/database-away.ts';
import { AppError } from '#lib/base/errors.ts';
import { createLog } from '#lib/base/log.ts';
import type { ErrorBody } from '#lib/contracts/error.ts';
import { HTTP_STATUS } from '#lib/http/status.ts';

const log = createLog({ part: 'http' });
/**
 * The answer to anything that was thrown. Our own refusals keep their text; of everything else only the fact is told,
 * the cause goes to the log under the same request id.
 */
export function errorResponse(thrown: unknown, requestId: string, headers: Record<string, string> = {}): Response {
  const refusal = thrown instanceof AppError ? thrown : asRefusal(thrown, requestId);
  const status = HTTP_STATUS[refusal.code];
  const body: ErrorBody = {
    error: refusal.code,
    message: refusal.message,
    status,
    details: [...refusal.details],
    request_id: requestId,
    ...(refusal.data === undefined ? {} : { data: refusal.data }),
  };
  return Response.json(body, { status, headers: { 'x-request-id': requestId, 'cache-control': 'no-store', ...headers } });
}

function asRefusal(thrown: unknown, requestId: string): AppError {
  log.error('request failed', { request_id: requestId, error: thrown });
  if (isDiskFull(thrown)) return new AppError('unavailable', 'The disk of the database is full. Make room on it, then try again.');
  if (isDatabaseAway(thrown)) return new AppError('unavailable', 'The database does not answer right now. Try again in a moment.');
  return new AppError('internal_error', 'Something went wrong on our side. The request id finds the cause in the log.');
}
