import { afterEach, beforeAll, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { mergeDefinitions } from '#lib/workflow/merge.ts';
import { createWorkflow } from './create-workflow.ts';
import { deleteWorkflow } from './delete-workflow.ts';
import { followDraft } from './follow-draft.ts';
import { getDraft } from './get-draft.ts';
import { saveDraft } from './save-draft.ts';
import { codeOf, exampleDefinition, refusalOf, testAccess } from './test-workspace.ts';
import { updateWorkflow } from './update-workflow.ts';

const none = { params: {}, query: {}, body: {} };
let ada: Access;
let bea: Access;
let closing = new AbortController();

beforeAll(async () => {
  await freshDatabase();
  ada = await testAccess();
  bea = { ...ada, actor: { kind: 'user', id: 'user_bea', name: 'Bea' } };
});
afterEach(() => {
  closing.abort();
  closing = new AbortController();
});

async function create(): Promise<string> {
  const body = { definition: exampleDefinition() as never, trigger_type: 'manual' as const, tags: [], draft: false };
  return (await createWorkflow(ada, { ...none, body })).workflow.id;
}
const save = (access: Access, id: string, definition: Definition, revision: number) =>
  saveDraft(access, { ...none, params: { id }, body: { definition, revision } });
const draftOf = (id: string) => getDraft(ada, { ...none, params: { id } });

/** Reads on until an event satisfies `wanted`. */
async function follow(access: Access, id: string, signal = closing.signal) {
  const events = (await followDraft(access, { workflowId: id, signal }))[Symbol.asyncIterator]();
  return {
    async until(wanted: (event: { event: string; data: unknown }) => boolean) {
      for (;;) {
        const { value, done } = await events.next();
        if (done) throw new Error('The stream ended');
        if (wanted(value)) return value.data as Record<string, unknown>;
      }
    },
    end: () => events.return?.(undefined),
  };
}

it('tells each who has a draft open of a save by the other at once, and who is there', async () => {
  const id = await create();
  const forAda = await follow(ada, id);
  expect(await forAda.until(({ event }) => event === 'draft')).toMatchObject({ revision: 1, updated_by: 'Ada', base_version: 1 });
  const beaLeaves = new AbortController();
  const forBea = await follow(bea, id, beaLeaves.signal);
  const first = forBea.until(({ event, data }) => event === 'people' && (data as unknown[]).length === 1);
  expect(await forAda.until(({ event, data }) => event === 'people' && (data as unknown[]).length === 1)).toMatchObject([
    { name: 'Bea', you: false },
  ]);
  expect(await first).toMatchObject([{ name: 'Ada', you: false }]);

  const { definition } = await draftOf(id);
  const began = Date.now();
  await save(bea, id, { ...definition, description: 'By Bea' }, 1);
  expect(await forAda.until(({ event }) => event === 'draft')).toMatchObject({ revision: 2, updated_by: 'Bea' });
  // Well below the time after which a reader looks by itself.
  expect(Date.now() - began).toBeLessThan(2_000);

  await updateWorkflow(bea, { ...none, params: { id }, body: { definition: { ...definition, description: 'v2' } as never } });
  expect(await forAda.until(({ event }) => event === 'draft')).toMatchObject({ revision: 3, base_version: 2 });
  beaLeaves.abort();
  await forBea.end();
  expect(await forAda.until(({ event }) => event === 'people')).toEqual([]);
});

it('names the same account in another tab as you', async () => {
  const id = await create();
  const one = await follow(ada, id);
  const waiting = one.until(({ event, data }) => event === 'people' && (data as unknown[]).length === 1);
  const other = await follow(ada, id);
  const there = other.until(({ event, data }) => event === 'people' && (data as unknown[]).length === 1);
  expect(await waiting).toMatchObject([{ name: 'Ada', you: true }]);
  expect(await there).toMatchObject([{ name: 'Ada', you: true }]);
});

it('ends for a workflow that is deleted, and is not there for strangers', async () => {
  const id = await create();
  const following = await follow(ada, id);
  await following.until(({ event }) => event === 'draft');
  await deleteWorkflow(ada, { ...none, params: { id } });
  await following.until(({ event }) => event === 'gone');
  expect(await codeOf(followDraft(ada, { workflowId: id, signal: closing.signal }))).toBe('not_found');
  const stranger = await testAccess('Eve');
  const other = await create();
  expect(await codeOf(followDraft(stranger, { workflowId: other, signal: closing.signal }))).toBe('not_found');
});

it('lets one of two writers at one revision win; the other merges and loses nothing', async () => {
  const id = await create();
  const base = (await draftOf(id)).definition;
  const mine = { ...base, steps: base.steps.map((step) => (step.id === 'fetch' ? { ...step, name: 'Mine' } : step)) };
  const theirs = { ...base, steps: base.steps.map((step) => (step.id === 'notify' ? { ...step, name: 'Theirs' } : step)) };
  const answers = await Promise.allSettled([save(ada, id, mine, 1), save(bea, id, theirs, 1)]);
  expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const won = answers[0]?.status === 'fulfilled';
  const [loser, lost] = won ? [bea, theirs] : [ada, mine];
  const refusal = await refusalOf(save(loser, id, lost, 1));
  expect(refusal.code).toBe('conflict');
  const { draft } = refusal.data as { draft: { revision: number; definition: Definition } };
  const { definition, conflicts } = mergeDefinitions({ base, mine: lost, theirs: draft.definition });
  expect(conflicts).toEqual([]);
  await save(loser, id, definition, draft.revision);
  expect((await draftOf(id)).definition.steps.map(({ name }) => name)).toEqual(['Mine', 'Theirs']);
});

it('makes no version of a draft that somebody changed meanwhile', async () => {
  const id = await create();
  const { definition } = await draftOf(id);
  await save(bea, id, { ...definition, description: 'By Bea' }, 1);
  const version = (revision: number, description: string) =>
    updateWorkflow(ada, {
      ...none,
      params: { id },
      body: { definition: { ...definition, description } as never, draft_revision: revision },
    });
  expect(await codeOf(version(1, 'By Ada'))).toBe('conflict');
  expect(await draftOf(id)).toMatchObject({ revision: 2, definition: { description: 'By Bea' } });
  expect(await version(2, 'By both')).toMatchObject({ version: 2 });
  expect(await draftOf(id)).toMatchObject({ revision: 3, definition: { description: 'By both' } });
});
