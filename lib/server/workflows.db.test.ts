import { applyPatch, type Operation } from 'rfc6902';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { database } from '#lib/db/client.ts';
import { putSecretRecord } from '#lib/db/secrets.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { createWorkflow } from './create-workflow.ts';
import { diffVersions } from './diff-versions.ts';
import { getDraft } from './get-draft.ts';
import { getVersion } from './get-version.ts';
import { getWorkflow } from './get-workflow.ts';
import { listVersions } from './list-versions.ts';
import { listWorkflows } from './list-workflows.ts';
import { rollbackWorkflow } from './rollback-workflow.ts';
import { saveDraft } from './save-draft.ts';
import { setWorkflowStatus } from './set-workflow-status.ts';
import { codeOf, exampleDefinition, refusalOf, testAccess } from './test-workspace.ts';
import { updateWorkflow } from './update-workflow.ts';
import { validateWorkflow } from './validate-workflow.ts';
import { workspaceUuid } from './workspace-uuid.ts';

const none = { params: {}, query: {}, body: {} };
const page = { limit: 50, offset: 0 };
let access: Access;

beforeAll(async () => {
  await freshDatabase();
  access = await testAccess();
});

async function create(definition: JsonObject = exampleDefinition(), more: { draft?: boolean; tags?: string[] } = {}) {
  const body = { definition, trigger_type: 'manual' as const, tags: more.tags ?? [], draft: more.draft ?? false };
  return (await createWorkflow(access, { ...none, body })).workflow;
}

const put = (id: string, definition: JsonObject, more: { change_summary?: string; base_version?: number; tags?: string[] } = {}) =>
  updateWorkflow(access, { ...none, params: { id }, body: { definition: definition as never, ...more } });
const versions = async (id: string) => (await listVersions(access, { ...none, params: { id }, query: page })).versions;

describe('create', () => {
  it('stores version 1, equal to the draft', async () => {
    const made = await create(exampleDefinition(), { tags: ['ops', 'ops', 'data'] });
    expect(made).toMatchObject({
      name: 'Fetch and notify',
      version: 1,
      status: 'draft',
      tags: ['ops', 'data'],
      has_draft: false,
      recent_runs: [],
    });
    expect(made.id).toMatch(/^wf_[0-9a-f]{32}$/);
    expect(await versions(made.id)).toMatchObject([{ version: 1, change_summary: 'Initial version', author: 'Ada', added: 2 }]);
    expect(await getDraft(access, { ...none, params: { id: made.id } })).toMatchObject({ revision: 1, base_version: 1 });
  });

  it('refuses a broken definition with all its faults and stores nothing', async () => {
    const before = await database().workflow.count();
    const broken = exampleDefinition('x', {
      steps: [
        { id: 'a', type: 'nope', depends_on: ['b'] },
        { id: 'a', type: 'webhook', typo: 1 },
      ],
    });
    const refusal = await refusalOf(create(broken));
    expect(refusal.code).toBe('validation_error');
    expect(refusal.details.length).toBeGreaterThan(2);
    expect(await database().workflow.count()).toBe(before);
  });

  it('keeps an incomplete one as a draft', async () => {
    const made = await create({ name: 'Empty', steps: [] }, { draft: true });
    expect(made).toMatchObject({ version: 0, has_draft: true, definition: { name: 'Empty', steps: [] } });
    expect(await versions(made.id)).toEqual([]);
    expect(await codeOf(create({ name: '', steps: [] }, { draft: true }))).toBe('validation_error');
    const active = setWorkflowStatus(access, { ...none, params: { id: made.id }, body: { status: 'active' } });
    expect(await codeOf(active)).toBe('conflict');
    const saved = await put(made.id, exampleDefinition());
    expect(saved).toMatchObject({ version: 1, has_draft: false, name: 'Fetch and notify' });
    expect((await versions(made.id))[0]?.change_summary).toBe('Initial version');
  });
});

describe('update', () => {
  it('makes the next version, with its difference counted and said', async () => {
    const { id } = await create();
    const saved = await put(id, exampleDefinition('https://api.example.com/v2'));
    expect(saved).toMatchObject({ version: 2, has_draft: false });
    await put(id, exampleDefinition('https://api.example.com/v3', { name: 'Renamed' }), { change_summary: 'Third', tags: ['x'] });
    const [third, second] = await versions(id);
    expect(third).toMatchObject({ version: 3, change_summary: 'Third' });
    expect(second).toMatchObject({ version: 2, change_summary: 'Modified 1 step', added: 0, changed: 1, removed: 0 });
    expect(await getWorkflow(access, { ...none, params: { id } })).toMatchObject({ name: 'Renamed', tags: ['x'], version: 3 });
  });

  it('makes none of an equal definition, whatever the order of its keys', async () => {
    const { id } = await create();
    const { name, steps } = exampleDefinition();
    const saved = await put(id, { steps, name } as JsonObject, { tags: ['new'] });
    expect(saved).toMatchObject({ version: 1, tags: ['new'] });
  });

  it('calls a change of layout by its name', async () => {
    const { id } = await create();
    const moved = exampleDefinition();
    const steps = (moved.steps as JsonObject[]).map((step, at) => ({ ...step, position: { x: at * 200, y: 0 } }));
    expect(await put(id, { ...moved, steps })).toMatchObject({ version: 2 });
    expect((await versions(id))[0]).toMatchObject({ change_summary: 'Layout only', added: 0, changed: 0, removed: 0 });
  });

  it('refuses a broken one and changes nothing', async () => {
    const { id } = await create();
    expect(await codeOf(put(id, exampleDefinition('x', { steps: [] })))).toBe('validation_error');
    expect(await getWorkflow(access, { ...none, params: { id } })).toMatchObject({ version: 1, has_draft: false });
  });

  it('lets one of two saves that were based on the same version win', async () => {
    const { id } = await create();
    const both = await Promise.all(
      ['a', 'b'].map((path) => codeOf(put(id, exampleDefinition(`https://x.example/${path}`), { base_version: 1 }))),
    );
    expect(both.sort()).toEqual(['conflict', 'fulfilled']);
    const refusal = await refusalOf(put(id, exampleDefinition('https://x.example/c'), { base_version: 1 }));
    expect(refusal.data).toEqual({ version: 2 });
  });

  it('numbers many saves at once without a gap', async () => {
    const { id } = await create();
    await Promise.all(Array.from({ length: 8 }, (_, at) => put(id, exampleDefinition(`https://x.example/${at}`))));
    expect((await versions(id)).map((row) => row.version)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });
});

describe('drafts', () => {
  it('saves over its own revision only, and hands out the current one otherwise', async () => {
    const { id } = await create();
    const save = (url: string, revision: number) =>
      saveDraft(access, { ...none, params: { id }, body: { definition: exampleDefinition(url) as never, revision } });
    expect(await save('https://one.example', 1)).toMatchObject({ revision: 2, base_version: 1, updated_by: 'Ada' });
    const refusal = await refusalOf(save('https://two.example', 1));
    expect(refusal).toMatchObject({
      code: 'conflict',
      data: { draft: { revision: 2, definition: exampleDefinition('https://one.example') } },
    });
    expect(await getWorkflow(access, { ...none, params: { id } })).toMatchObject({
      version: 1,
      has_draft: true,
      definition: exampleDefinition(),
    });
    await put(id, exampleDefinition('https://saved.example'));
    expect(await getDraft(access, { ...none, params: { id } })).toMatchObject({ revision: 3, base_version: 2 });
    expect(await codeOf(save('https://two.example', 2))).toBe('conflict');
    const race = await Promise.all([1, 2, 3].map((at) => codeOf(save(`https://${at}.example`, 3))));
    expect(race.sort()).toEqual(['conflict', 'conflict', 'fulfilled']);
  });

  it('names a workflow that has no version yet', async () => {
    const { id } = await create({ name: 'Untitled', steps: [] }, { draft: true });
    await saveDraft(access, { ...none, params: { id }, body: { definition: { name: 'Billing', steps: [] }, revision: 1 } });
    expect((await getWorkflow(access, { ...none, params: { id } })).name).toBe('Billing');
  });
});

describe('versions', () => {
  it('gives a patch that turns one into the other, both ways', async () => {
    const { id } = await create();
    await put(id, exampleDefinition('https://api.example.com/v2'));
    const diff = (v1: number, v2: number) => diffVersions(access, { ...none, params: { id }, query: { v1, v2 } });
    const forward = await diff(1, 2);
    expect(forward).toMatchObject({ v1: 1, v2: 2, summary: 'Modified 1 step' });
    expect(forward.diff).toEqual([{ op: 'replace', path: '/steps/0/config/url', value: 'https://api.example.com/v2' }]);
    const document = structuredClone((await getVersion(access, { ...none, params: { id, version: 2 } })).definition);
    applyPatch(document, (await diff(2, 1)).diff as Operation[]);
    expect(document).toEqual(exampleDefinition());
    expect((await diff(2, 2)).diff).toEqual([]);
    expect(await codeOf(diff(1, 9))).toBe('not_found');
  });

  it('rolls back by copying forward', async () => {
    const { id } = await create();
    await put(id, exampleDefinition('https://api.example.com/v2', { name: 'Other' }));
    const back = await rollbackWorkflow(access, { ...none, params: { id }, body: { version: 1 } });
    expect(back).toMatchObject({ version: 3, name: 'Fetch and notify', definition: exampleDefinition(), has_draft: false });
    expect((await versions(id)).map((row) => row.change_summary)).toEqual([
      'Rolled back to version 1',
      'Modified 1 step',
      'Initial version',
    ]);
    expect(await database().definition.count()).toBeLessThan(100);
    expect(await codeOf(rollbackWorkflow(access, { ...none, params: { id }, body: { version: 9 } }))).toBe('not_found');
  });
});

describe('list', () => {
  it('filters, counts and pages without losing a row', async () => {
    const own = await testAccess('Lister');
    for (const [at, name] of ['Alpha', 'Beta 50%', 'Gamma', 'Delta', 'Epsilon'].entries()) {
      const body = {
        definition: exampleDefinition(undefined, { name }) as never,
        trigger_type: 'manual' as const,
        tags: at % 2 ? ['odd'] : [],
        draft: false,
      };
      await createWorkflow(own, { ...none, body });
    }
    const list = (query: object) => listWorkflows(own, { ...none, query: { ...page, ...query } });
    expect((await list({})).workflows.map((row) => row.name)).toEqual(['Epsilon', 'Delta', 'Gamma', 'Beta 50%', 'Alpha']);
    expect(await list({ tag: 'odd' })).toMatchObject({ total: 2, next_cursor: null });
    expect((await list({ search: 'TA 50%' })).workflows.map((row) => row.name)).toEqual(['Beta 50%']);
    expect((await list({ search: '5_%' })).total).toBe(0);
    expect((await list({ status: 'active' })).total).toBe(0);
    expect((await list({ trigger_type: 'schedule' })).total).toBe(0);
    expect(await list({ trigger_type: 'manual', limit: 2, offset: 3 })).toMatchObject({
      total: 5,
      workflows: [{ name: 'Beta 50%' }, { name: 'Alpha', version: 1, status: 'draft', trigger_type: 'manual', tags: [] }],
    });
    const first = await list({ limit: 2 });
    expect(first).toMatchObject({ total: 5 });
    await createWorkflow(own, {
      ...none,
      body: { definition: exampleDefinition(undefined, { name: 'Zeta' }) as never, trigger_type: 'manual', tags: [], draft: false },
    });
    const second = await list({ limit: 3, cursor: first.next_cursor ?? '' });
    expect(second.workflows.map((row) => row.name)).toEqual(['Gamma', 'Beta 50%', 'Alpha']);
    expect(second.next_cursor).toBeNull();
    const noSuchDay = JSON.stringify(['2026-13-45T00:00:00.000Z', '00000000-0000-7000-8000-000000000000']);
    for (const cursor of ['nonsense', 'W10', ...['["2020","x"]', noSuchDay].map((text) => Buffer.from(text).toString('base64url'))]) {
      expect(await codeOf(list({ cursor }))).toBe('bad_request');
    }
    expect(await codeOf(list({ search: 'a\u0000b' }))).toBe('validation_error');
    expect(await codeOf(list({ tag: '\ud800' }))).toBe('validation_error');
  });
});

describe('validate', () => {
  it('reports without storing', async () => {
    const check = (definition: unknown) => validateWorkflow(access, { ...none, body: { definition: definition as never } });
    expect(await check(exampleDefinition())).toMatchObject({ valid: true, errors: [] });
    const missing = await check(
      exampleDefinition('x', { steps: [{ id: 'notify', type: 'webhook', config: { url: 'https://x.example' }, depends_on: ['fetch'] }] }),
    );
    expect(missing.errors.map((problem) => problem.message)).toContain("Step 'notify' depends on 'fetch' which doesn't exist");
    expect(await check(null)).toMatchObject({ valid: false });
  });

  it('warns of what the workspace does not have, inside of loops too, and says nothing of what it has', async () => {
    const check = (steps: unknown[]) => validateWorkflow(access, { ...none, body: { definition: { name: 'Names', steps } as never } });
    const { id } = await create();
    await putSecretRecord(workspaceUuid(access), 'KNOWN', { sealed: new Uint8Array([1]), description: '', by: 'Ada' });
    const call = (name: string, secret: string) => ({
      id: name,
      type: 'http_request',
      config: { url: 'https://a.example', headers: { a: `{{ secrets.${secret} }}` } },
    });
    const run = (name: string, workflow_id: string) => ({ id: name, type: 'workflow', config: { workflow_id } });
    const { valid, warnings } = await check([
      call('a', 'KNOWN'),
      { id: 'each', type: 'loop', config: { items: '[1]', steps: [call('b', 'MISSING')] } },
      run('c', id),
      run('d', 'wf_00000000000070008000000000000000'),
      { id: 'e', type: 'agent_task', config: { agent_id: 'Nobody', goal: 'x' } },
    ]);
    expect(valid).toBe(true);
    expect(warnings.map(({ step, path, code }) => `${step} ${path} ${code}`)).toEqual([
      'b /steps/1/config/steps/0/config/headers/a unknown_secret',
      'd /steps/3/config/workflow_id unknown_workflow',
      'e /steps/4/config/agent_id unknown_agent',
    ]);
  });
});

describe('another workspace', () => {
  it('finds nothing by ids that are not its own, nor by nonsense', async () => {
    const { id } = await create();
    const stranger = await testAccess('Eve');
    const definition = exampleDefinition() as never;
    for (const wrong of [id, 'wf_00000000000070008000000000000000', 'wf_x', 'run_0', '%00', '']) {
      const params = { id: wrong };
      const calls = [
        getWorkflow(stranger, { ...none, params }),
        updateWorkflow(stranger, { ...none, params, body: { definition } }),
        setWorkflowStatus(stranger, { ...none, params, body: { status: 'paused' } }),
        getDraft(stranger, { ...none, params }),
        saveDraft(stranger, { ...none, params, body: { definition, revision: 1 } }),
        listVersions(stranger, { ...none, params, query: page }),
        getVersion(stranger, { ...none, params: { ...params, version: 1 } }),
        diffVersions(stranger, { ...none, params, query: { v1: 1, v2: 1 } }),
        rollbackWorkflow(stranger, { ...none, params, body: { version: 1 } }),
      ];
      expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => 'not_found'));
    }
    expect((await listWorkflows(stranger, { ...none, query: page })).total).toBe(0);
    expect((await getWorkflow(access, { ...none, params: { id } })).version).toBe(1);
  });
});
