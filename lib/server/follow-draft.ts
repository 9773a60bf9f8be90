import type { Access } from '#lib/auth/access.ts';
import { isDatabaseAway } from '#lib/base/database-away.ts';
import type { DraftEvents } from '#lib/contracts/workflows.ts';
import { type DraftWatch, watchDraft } from '#lib/db/draft-watch.ts';
import { type DraftHead, findDraftHead } from '#lib/db/drafts.ts';
import { Hints } from './hints.ts';
import { loadWorkflow } from './load-workflow.ts';

type Event = { readonly [K in keyof DraftEvents]: { readonly event: K; readonly data: DraftEvents[K] } }[keyof DraftEvents];

/** The net under lost hints: milliseconds after which a reader looks by itself. */
const LOOK_AGAIN_MS = 5_000;

/** How a draft is and who else has it open, now and at each change, until `signal`. Throws `not_found`. */
export async function followDraft(
  access: Access,
  { workflowId, signal }: { readonly workflowId: string; readonly signal: AbortSignal },
): Promise<AsyncIterable<Event>> {
  const { uuid } = await loadWorkflow(access, workflowId);
  return follow(access, uuid, signal);
}

async function* follow({ actor }: Access, uuid: string, signal: AbortSignal): AsyncGenerator<Event> {
  const hints = new Hints(signal);
  // Before the first read, so that nothing falls between reading and listening.
  const watch = watchDraft(uuid, { user: actor.id, name: actor.name }, () => hints.tell());
  let [revision, people]: [number, string] = [-1, '[]'];
  try {
    while (!signal.aborted) {
      const head = await readHead(uuid);
      if (head === null) {
        yield { event: 'gone', data: {} };
        return;
      }
      if (head !== 'away' && head.revision !== revision) {
        revision = head.revision;
        yield { event: 'draft', data: headView(head) };
      }
      const here = peopleView(watch, actor.id);
      if (JSON.stringify(here) !== people) {
        people = JSON.stringify(here);
        yield { event: 'people', data: here };
      }
      await hints.wait(LOOK_AGAIN_MS);
    }
  } finally {
    watch.close();
    hints.close();
  }
}

async function readHead(uuid: string): Promise<DraftHead | null | 'away'> {
  try {
    return await findDraftHead(uuid);
  } catch (thrown) {
    if (isDatabaseAway(thrown)) return 'away';
    throw thrown;
  }
}

function headView({ revision, baseVersion, updatedBy, updatedAt }: DraftHead): DraftEvents['draft'] {
  return { revision, base_version: baseVersion, updated_by: updatedBy, updated_at: updatedAt.toISOString() };
}

function peopleView(watch: DraftWatch, me: string): DraftEvents['people'] {
  return watch.others().map(({ connection, user, name }) => ({ id: connection, name, you: user === me }));
}
