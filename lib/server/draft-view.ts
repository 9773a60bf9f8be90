import type { Draft } from '#lib/contracts/workflows.ts';
import type { DraftRecord } from '#lib/db/drafts.ts';

/** A draft as the editor gets it. */
export function draftView(record: DraftRecord): Draft {
  return {
    definition: record.definition,
    revision: record.revision,
    base_version: record.baseVersion,
    updated_at: record.updatedAt.toISOString(),
    updated_by: record.updatedBy,
  };
}
