import { AppError } from '#lib/base/errors.ts';

/** A moment out of a query; one beyond what the database can hold is refused here, not there. */
export function requireStorableTime(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) {
    const message = 'Must be a moment that exists';
    throw new AppError('validation_error', `${name}: ${message}`, { details: [{ path: `/${name}`, code: 'bad_time', message }] });
  }
  return moment;
}
