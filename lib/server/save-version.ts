import type { Access } from '#lib/auth/access.ts';
import { storeDefinition } from '#lib/db/definitions.ts';
import { replaceDraft } from '#lib/db/drafts.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import { limitSettings } from '#lib/db/limits.ts';
import { insertVersion } from '#lib/db/versions.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { diffDefinitions } from '#lib/workflow/diff.ts';

export interface VersionToSave {
  readonly workflowUuid: string;
  /** Number that it gets. */
  readonly number: number;
  readonly definition: Definition;
  /** The version before; null for the first. */
  readonly before: Definition | null;
  /** What changed, in the author's words; else the difference says it. */
  readonly summary: string | undefined;
}

/** Adds a version and makes it the draft. Runs in the caller's transaction, which holds the workflow's row. */
export async function saveVersion(client: Prisma.TransactionClient, access: Access, version: VersionToSave): Promise<void> {
  const { workflowUuid, number, definition, before, summary } = version;
  const definitionHash = await storeDefinition(client, definition);
  const diff = before === null ? null : diffDefinitions(before, definition, stepCatalog);
  await insertVersion(client, {
    workflowUuid,
    number,
    definitionHash,
    changeSummary: summary ?? diff?.summary ?? 'Initial version',
    author: access.actor.name,
    ...(diff?.counts ?? { added: definition.steps.length, changed: 0, removed: 0 }),
  });
  if (definition.concurrency !== undefined || before?.concurrency !== undefined) await changeLimits(client, workflowUuid, definition);
  await replaceDraft(client, { workflowUuid, definition, baseVersion: number, updatedBy: access.actor.name });
}

/** The new version's limit holds for the runs that wait already; without one they may all go. */
async function changeLimits(client: Prisma.TransactionClient, workflowUuid: string, { concurrency }: Definition): Promise<void> {
  const { max, onLimit, holdsWaiting } = limitSettings(concurrency ?? { limit: UNLIMITED });
  await client.$queryRaw`select change_limits(${workflowUuid}::uuid, ${max}::int, ${onLimit}, ${holdsWaiting})`;
}

const UNLIMITED = 2 ** 31 - 1;
