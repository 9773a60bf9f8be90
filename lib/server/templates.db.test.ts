import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { getTemplate } from './get-template.ts';
import { getWorkflow } from './get-workflow.ts';
import { installTemplate } from './install-template.ts';
import { listTemplates } from './list-templates.ts';
import { codeOf, refusalOf, testAccess } from './test-workspace.ts';

const none = { params: {}, query: {}, body: {} };
const page = { limit: 50, offset: 0 };
let access: Access;

beforeAll(async () => {
  await freshDatabase();
  access = await testAccess();
});

const install = (id: string, body: { name?: string; parameters: Record<string, never> }) =>
  installTemplate(access, { ...none, params: { id }, body });

describe('templates', () => {
  it('are listed by category and origin', async () => {
    const all = await listTemplates(access, { ...none, query: page });
    expect(all.total).toBeGreaterThanOrEqual(2);
    expect(all.templates.every((row) => row.is_builtin && row.step_count === row.definition.steps.length)).toBe(true);
    const category = all.templates[0]?.category ?? '';
    const some = await listTemplates(access, { ...none, query: { ...page, category } });
    expect(some.templates.every((row) => row.category === category)).toBe(true);
    expect((await listTemplates(access, { ...none, query: { ...page, is_builtin: 'false' } })).total).toBe(0);
    const second = await listTemplates(access, { ...none, query: { limit: 1, offset: 1 } });
    expect(second.templates.map((row) => row.id)).toEqual([all.templates[1]?.id]);
  });

  it('install as they are, and under another name', async () => {
    for (const { id, name } of (await listTemplates(access, { ...none, query: page })).templates) {
      const shown = await getTemplate(access, { ...none, params: { id } });
      expect(shown).toMatchObject({ id, parameters: { type: 'object' }, readme: expect.stringContaining('## Try it') });
      const { workflow_id } = await install(id, { parameters: {} });
      const made = await getWorkflow(access, { ...none, params: { id: workflow_id } });
      expect(made).toMatchObject({ version: 1, definition: shown.definition });
      expect(made.name).toBe(shown.definition.name);
      const renamed = await install(id, { name: 'My copy', parameters: {} });
      expect((await getWorkflow(access, { ...none, params: { id: renamed.workflow_id } })).name).toBe('My copy');
      expect(name).not.toBe('');
    }
  });

  it('refuse parameters that do not fit, by path', async () => {
    const refusal = await refusalOf(install('tpl_health_check', { parameters: { attempts: 'many', typo: 1 } as never }));
    expect(refusal.code).toBe('validation_error');
    expect(refusal.details.map((problem) => problem.path).sort()).toEqual(['/parameters/attempts', '/parameters/typo']);
    expect(await codeOf(install('tpl_health_check', { parameters: { delay: 'soon' } as never }))).toBe('validation_error');
  });

  it('are unknown by other ids', async () => {
    for (const id of ['tpl_none', '__proto__', '']) {
      expect(await codeOf(getTemplate(access, { ...none, params: { id } }))).toBe('not_found');
      expect(await codeOf(install(id, { parameters: {} }))).toBe('not_found');
    }
  });
});
