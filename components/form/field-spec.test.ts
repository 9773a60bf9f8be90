import { describe, expect, it } from 'vitest';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { evaluateText } from './expression-result.ts';
import { fieldsOfInputSchema, fieldsOfType, isShown, withoutLeftovers } from './field-spec.ts';
import { jsonOfText, kindOfValue, valueOfText } from './value-text.ts';
import { valuesInReach } from './values-in-reach.ts';

describe('generated forms', () => {
  it('draws a form for every step type of the catalog', () => {
    for (const type of Object.values(stepCatalog)) {
      const fields = fieldsOfType(type);
      expect(fields.length).toBeGreaterThan(0);
      expect(fields.every((field) => field.label !== '')).toBe(true);
      for (const key of Object.keys(type.initialConfig)) expect(fields.map((field) => field.key)).toContain(key);
    }
  });

  it('knows expressions, templates, choices and lists from the schema', () => {
    const field = (type: string, key: string) => fieldsOfType(stepCatalog[type] as never).find((each) => each.key === key);
    expect(field('http_request', 'url')).toMatchObject({ widget: 'text', template: true, required: true });
    expect(field('http_request', 'method')?.options).toContain('POST');
    expect(field('condition', 'expression')).toMatchObject({ widget: 'expression', expression: true });
    expect(field('condition', 'cases')?.items.map((item) => [item.key, item.expression])).toEqual([
      ['name', false],
      ['when', true],
    ]);
    expect(field('script', 'code')).toMatchObject({ widget: 'code', template: false });
  });

  it('knows which fields exclude each other', () => {
    const choices = (type: string) => fieldsOfType(stepCatalog[type] as never).map((field) => [field.key, field.choice]);
    expect(choices('wait')).toEqual([
      ['duration', 'Wait for'],
      ['until', 'Wait for'],
      ['event_type', 'Wait for'],
      ['condition', 'Wait for'],
      ['match', null],
      ['interval', null],
      ['timeout', null],
    ]);
    expect(choices('condition')).toEqual([
      ['expression', 'Branch by'],
      ['cases', 'Branch by'],
    ]);
  });

  it('lets go of what belonged to the choice before', () => {
    const fields = fieldsOfType(stepCatalog.wait as never);
    const match = fields.find((field) => field.key === 'match');
    if (!match) throw new Error('no match');
    expect(isShown(match, { event_type: 'a' }, fields)).toBe(true);
    expect(isShown(match, { duration: 1 }, fields)).toBe(false);
    expect(withoutLeftovers({ duration: 1, match: 'x', timeout: 5 }, fields)).toEqual({ duration: 1 });
    expect(withoutLeftovers({ event_type: 'a', match: 'x', timeout: 5 }, fields)).toEqual({ event_type: 'a', match: 'x', timeout: 5 });
  });

  it('shows conditional fields while their condition holds, or may hold', () => {
    const fields = fieldsOfType(stepCatalog.http_request as never);
    const body = fields.find((field) => field.key === 'body');
    if (!body) throw new Error('no body');
    expect(isShown(body, { method: 'GET' }, fields)).toBe(false);
    expect(isShown(body, {}, fields)).toBe(false);
    expect(isShown(body, { method: 'POST' }, fields)).toBe(true);
    expect(isShown(body, { method: '{{ input.method }}' }, fields)).toBe(true);
  });

  it('draws plain fields for an input schema', () => {
    const fields = fieldsOfInputSchema({
      type: 'object',
      properties: { max_pages: { type: 'integer' }, on: { type: 'boolean' } },
      required: ['on'],
    });
    expect(fields).toMatchObject([
      { label: 'Max pages', widget: 'number', integer: true, template: false, required: false },
      { widget: 'toggle', required: true },
    ]);
  });
});

describe('values as text', () => {
  it('keeps text as text and reads JSON where it was meant', () => {
    expect(valueOfText('007', undefined)).toEqual({ value: '007' });
    expect(valueOfText('42', 1)).toEqual({ value: 42 });
    expect(valueOfText('[1]', undefined)).toEqual({ value: [1] });
    expect(valueOfText('{{ input.x }}', undefined)).toEqual({ value: '{{ input.x }}' });
    expect(valueOfText('{"a":', undefined)).toBeNull();
    expect(jsonOfText('{{ input }}')).toEqual({ value: '{{ input }}' });
    expect(jsonOfText('{"a"')).toBeNull();
    expect(kindOfValue([1])).toBe('list of 1');
  });
});

describe('values in reach', () => {
  const definition = {
    name: 'Chain',
    input_schema: { type: 'object', properties: { id: { type: 'integer', default: 7 } } },
    steps: [
      { id: 'fetch', type: 'http_request', config: {} },
      { id: 'my-step', type: 'transform', config: {}, depends_on: ['fetch'] },
      { id: 'other', type: 'wait', config: {} },
    ],
  };

  it('lists the input and what is upstream, and nothing else', () => {
    const paths = valuesInReach(definition, stepCatalog, 'my-step', null).values.map((value) => value.path);
    expect(paths).toContain('input.id');
    expect(paths).toContain('steps.fetch.output.status_code');
    expect(paths.some((path) => path.startsWith('steps.other'))).toBe(false);
    expect(valuesInReach(definition, stepCatalog, null, null).values.map((value) => value.path)).toContain('steps.`my-step`.output');
  });

  it('prefers the last run to the example', async () => {
    const lastRun = { input: { id: 9 }, outputs: new Map([['fetch', { status_code: 418 }]]) };
    const { scope, source } = valuesInReach(definition, stepCatalog, 'my-step', lastRun);
    expect(source).toBe('last run');
    expect(valuesInReach(definition, stepCatalog, 'my-step', { ...lastRun, outputs: new Map() }).source).toBe('example');
    expect(await evaluateText('{{ steps.fetch.output.status_code + input.id }}', 'template', scope)).toEqual({ kind: 'value', value: 427 });
    expect(await evaluateText('nothing.here', 'expression', scope)).toMatchObject({ kind: 'empty' });
    expect(await evaluateText('{{ input.id', 'template', scope)).toMatchObject({ kind: 'error' });
    expect(await evaluateText('1 +', 'expression', scope)).toMatchObject({ kind: 'error' });
  });
});
