import { AppError } from '#lib/base/errors.ts';
import type { VersionRow } from '#lib/contracts/versions.ts';
import { type FullVersion, findVersion, type VersionRecord } from '#lib/db/versions.ts';

export function noVersion(number: number): AppError {
  return new AppError('not_found', `There is no version ${number}.`);
}

/** A version of a workflow that the caller may see; throws `not_found`. */
export async function loadVersion(workflowUuid: string, number: number): Promise<FullVersion> {
  const version = await findVersion(workflowUuid, number);
  if (version === null) throw noVersion(number);
  return version;
}

/** A version as the history lists it. */
export function versionRow(record: VersionRecord): VersionRow {
  return {
    version: record.number,
    uuid: record.uuid,
    change_summary: record.changeSummary,
    author: record.author,
    created_at: record.createdAt.toISOString(),
    added: record.added,
    changed: record.changed,
    removed: record.removed,
  };
}
