import { describe, expect, test } from 'vitest';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { validateDefinition } from '#lib/workflow/validate.ts';
import { findTemplate, templateCatalog } from './catalog.ts';
import { buildTemplate, type WorkflowTemplate, withDefaults } from './template.ts';

describe.each(templateCatalog.map((template) => [template.id, template] as const))('%s', (id, template) => {
  test('is complete', () => {
    expect(id).toMatch(/^tpl_[a-z_]+$/);
    expect(findTemplate(id)).toBe(template);
    expect(template.readme).toContain('## Try it');
    for (const [name, schema] of Object.entries(template.parameters.properties)) {
      expect([name, typeof schema.title, typeof schema.description, typeof schema.type]).toEqual([name, 'string', 'string', 'string']);
      expect(JSON.stringify(template.definition)).toContain(`parameter.${name}`);
    }
  });

  test('with its defaults it is a valid definition, without a warning, and holds no blank', () => {
    const definition = buildTemplate(template, {});
    expect(validateDefinition(definition, stepCatalog)).toMatchObject({ errors: [], warnings: [] });
    expect(JSON.stringify(definition)).not.toContain('parameter.');
  });

  test('it runs offline as it is', () => {
    expect(template.needs).toEqual([]);
    expect(JSON.stringify(buildTemplate(template, {}))).not.toMatch(/https?:/);
  });
});

test('ids are unique', () => {
  expect(new Set(templateCatalog.map((template) => template.id)).size).toBe(templateCatalog.length);
});

describe('filling blanks', () => {
  const template = {
    parameters: { properties: { url: { default: 'd' }, n: { default: 3 }, list: {}, none: {} } },
    definition: {
      alone: '{{ parameter.n }}',
      text: 'a {{ parameter.url }} b {{ parameter.n }}',
      literal: '{{ input.list[x > parameter.n and y = parameter.url] }}',
      other: '{{ input.parameter.n & "parameter.n" & parameter }}',
      list: ['{{ parameter.list }}', '{{ parameter.none }}'],
      none: '{{ parameter.none }}',
      plain: 'parameter.n',
    },
  } as unknown as WorkflowTemplate;

  test('alone with their type, within an expression as a literal, within a text as text', () => {
    expect(buildTemplate(template, { url: 'say "hi"', list: [1] })).toEqual({
      alone: 3,
      text: 'a say "hi" b 3',
      literal: '{{ input.list[x > 3 and y = "say \\"hi\\""] }}',
      other: '{{ input.parameter.n & "parameter.n" & parameter }}',
      list: [[1]],
      plain: 'parameter.n',
    });
  });

  test('what is given wins over the default', () => {
    expect(withDefaults(template, { n: 5 })).toEqual({ url: 'd', n: 5 });
  });
});
