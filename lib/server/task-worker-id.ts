import { AppError } from '#lib/base/errors.ts';
import { uuidFromId } from '#lib/base/ids.ts';

export function noTaskWorker(): AppError {
  return new AppError('not_found', 'There is no such task worker, or it was silent for longer than its lease. Register again.');
}

/** The uuid of a task worker's id. Throws `not_found`. */
export function taskWorkerUuid(id: string): string {
  const uuid = uuidFromId('worker', id);
  if (uuid === null) throw noTaskWorker();
  return uuid;
}
