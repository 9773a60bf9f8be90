import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Json, JsonObject } from '#lib/base/json.ts';
import type { StepDefinition } from '#lib/workflow/step-type.ts';
import { compileConfig } from '#lib/workflow/template.ts';
import { stepCatalog } from './catalog.ts';
import { executeCondition } from './condition/execute.ts';
import { stepExecutors } from './executors.ts';
import { testContext } from './test-context.ts';
import { executeTransform } from './transform/execute.ts';
import { executeWait } from './wait/execute.ts';

/** Every type must hold this; a new one is tested by being in the catalog. */
describe.each(Object.entries(stepCatalog))('%s', (name, type) => {
  test('is complete', () => {
    expect(type.type).toBe(name);
    expect(name).toMatch(/^[a-z][a-z_]*$/);
    expect(type.icon).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    for (const text of [type.title, type.summary, type.docs]) expect(text.length).toBeGreaterThan(3);
    expect(type.summary).not.toContain('\n');
    expect(Object.hasOwn(stepExecutors, name)).toBe(true);
  });

  test('its first config is valid as drawn, compiles, and says what it does', () => {
    expect(onlyUnchosen(type, type.config.drawn.safeParse(type.initialConfig))).toBe(true);
    expect(compileConfig(type.initialConfig, type).problems).toEqual([]);
    expect(type.describe(type.initialConfig)).not.toBe('');
  });

  test('resolved, its first config is valid too', async () => {
    const values = { input: { name: 'Ada', total: 5 }, run: { id: 'run_1' }, mock: { url: 'http://127.0.0.1:3000/mock' } };
    const resolved = await compileConfig(type.initialConfig, type).resolve({ values, now: 0, seed: '' });
    expect(onlyUnchosen(type, type.config.resolved.safeParse(resolved))).toBe(true);
  });

  test('every field has a title and help, and its schema is JSON Schema', () => {
    for (const reading of [type.config.drawn, type.config.resolved]) {
      const schema = z.toJSONSchema(reading, { unrepresentable: 'any', io: 'input' });
      expect(schema.type).toBe('object');
      expect(schema.additionalProperties).toBe(false);
      for (const [key, property] of Object.entries(schema.properties ?? {})) {
        const { title, description } = property as { title?: string; description?: string };
        expect([key, typeof title, typeof description]).toEqual([key, 'string', 'string']);
      }
    }
  });

  test('an unknown key is refused', () => {
    expect(type.config.drawn.safeParse({ ...type.initialConfig, no_such_key: 1 }).success).toBe(false);
  });

  test('branches, the card line and the crash rule take any JSON that a draft may hold', () => {
    for (const config of oddConfigs(type)) {
      expect(type.branches(config)).toEqual(expect.any(Array));
      expect(type.describe(config).length).toBeLessThanOrEqual(100);
      expect(type.describe(config)).not.toContain('\n');
      expect(['retry', 'retry-with-key', 'ask']).toContain(type.onCrash(config));
    }
  });

  test('a pure type answers at once', () => {
    if (!type.pure) return;
    const executor = stepExecutors[name];
    expect(executor?.({} as never, testContext())).not.toBeInstanceOf(Promise);
  });

  test('no branch is called error', () => {
    for (const config of oddConfigs(type)) expect(type.branches(config)).not.toContain('error');
  });
});

/** A first config may leave open what only a person can choose, such as which workflow. */
function onlyUnchosen(type: StepDefinition, parsed: z.ZodSafeParseResult<unknown>): boolean {
  return (
    parsed.success || parsed.error.issues.every(({ path: [key, ...rest] }) => rest.length === 0 && !((key as string) in type.initialConfig))
  );
}

function oddConfigs(type: StepDefinition): JsonObject[] {
  const odd: Json[] = [null, 0, true, '', 'x'.repeat(500), 'a\nb', [], [1, null, {}], {}, { a: { b: 1 } }, '{{ input.x }}'];
  const keys = Object.keys(z.toJSONSchema(type.config.resolved, { unrepresentable: 'any' }).properties ?? {});
  return [{}, type.initialConfig, ...odd.map((value) => Object.fromEntries(keys.map((key) => [key, value])))];
}

test('the two catalogs name the same types', () => {
  expect(Object.keys(stepExecutors).sort()).toEqual(Object.keys(stepCatalog).sort());
});

describe('card lines', () => {
  test.each<[string, JsonObject, string]>([
    ['http_request', { method: 'GET', url: 'https://api.example.com/users?page=1' }, 'GET api.example.com/users'],
    ['http_request', { url: '{{ mock.url }}/echo' }, 'GET {mock.url}/echo'],
    ['webhook', { url: 'https://example.com/h' }, 'POST example.com/h'],
    ['condition', { expression: '{{ total > 100 }}' }, 'total > 100'],
    ['condition', { cases: [{ name: 'big', when: 'x' }] }, 'big | default'],
    ['wait', { duration: '5m' }, 'wait 5m'],
    ['wait', { duration: 90 }, 'wait 90 s'],
    ['wait', { until: '2027-01-01T00:00:00Z' }, 'until 2027-01-01T00:00:00Z'],
    ['transform', { fields: { a: 1, b: 2 } }, 'a, b'],
    ['script', { language: 'shell', code: '#!/bin/sh\n\necho hi\n' }, 'shell: echo hi'],
  ])('%s %j', (name, config, line) => expect(stepCatalog[name]?.describe(config)).toBe(line));
});

describe('crash rules', () => {
  test.each<[string, JsonObject, string]>([
    ['http_request', {}, 'retry'],
    ['http_request', { method: 'PUT' }, 'retry'],
    ['http_request', { method: 'POST' }, 'retry-with-key'],
    ['http_request', { method: '{{ input.method }}' }, 'retry-with-key'],
    ['webhook', {}, 'retry-with-key'],
    ['script', {}, 'ask'],
    ['transform', {}, 'retry'],
  ])('%s %j: %s', (name, config, rule) => expect(stepCatalog[name]?.onCrash(config)).toBe(rule));
});

describe('condition', () => {
  const condition = stepCatalog.condition as StepDefinition;
  test.each<[JsonObject, string]>([
    [{ expression: 'input.total > 3' }, 'true'],
    [{ expression: '{{ input.total > 30 }}' }, 'false'],
    [{ expression: 'input.missing' }, 'false'],
    [{ expression: true }, 'true'],
    [
      {
        cases: [
          { name: 'a', when: 'input.total > 30' },
          { name: 'b', when: 'input.total > 3' },
          { name: 'c', when: 'true' },
        ],
      },
      'b',
    ],
    [{ cases: [{ name: 'a', when: 'false' }] }, 'default'],
  ])('%j takes %s', async (config, branch) => {
    expect(condition.config.drawn.safeParse(config).success).toBe(true);
    const resolved = await compileConfig(config, condition).resolve({ values: { input: { total: 5 } }, now: 0, seed: '' });
    const outcome = executeCondition(condition.config.resolved.parse(resolved) as never, testContext());
    expect(outcome).toEqual({ kind: 'completed', output: { branch }, branch });
    expect(condition.branches(config)).toContain(branch);
  });

  test.each<JsonObject>([
    {},
    { expression: 'a', cases: [{ name: 'a', when: 'x' }] },
    { expression: '' },
    { cases: [] },
    { cases: [{ name: 'error', when: 'x' }] },
    {
      cases: [
        { name: 'a', when: 'x' },
        { name: 'a', when: 'y' },
      ],
    },
  ])('%j is refused', (config) => {
    expect(condition.config.drawn.safeParse(config).success).toBe(false);
  });
});

describe('transform', () => {
  test('gives the value, or null where there is none', () => {
    expect(executeTransform({ expression: [1] }, testContext())).toEqual({ kind: 'completed', output: [1] });
    expect(executeTransform({ fields: { a: 1 } }, testContext())).toEqual({ kind: 'completed', output: { a: 1 } });
    expect(executeTransform({}, testContext())).toEqual({ kind: 'completed', output: null });
  });
});

describe('wait', () => {
  const { drawn, resolved } = (stepCatalog.wait as StepDefinition).config;
  const startedAt = Date.UTC(2026, 0, 1);
  test('checklist #86: parks until its time; a moment in the past is an error, and so is one in more than 365 days', () => {
    expect(executeWait({ duration: '1h' }, testContext())).toEqual({
      kind: 'wait',
      on: 'timer',
      until: startedAt + 3_600_000,
      data: { waited_until: '2026-01-01T01:00:00.000Z' },
    });
    expect(executeWait({ until: '2026-01-01T02:00:00+01:00' }, testContext())).toMatchObject({
      kind: 'wait',
      until: startedAt + 3_600_000,
    });
    expect(executeWait({ until: '2025-01-01T00:00:00Z' }, testContext())).toMatchObject({
      kind: 'failed',
      error: { code: 'WAIT_IN_THE_PAST' },
    });
    expect(executeWait({ until: '2027-01-01T00:00:00Z' }, testContext())).toMatchObject({ kind: 'wait' });
    expect(executeWait({ until: '2027-01-01T00:00:01Z' }, testContext())).toMatchObject({
      kind: 'failed',
      error: { code: 'WAIT_TOO_LONG' },
    });
    expect(drawn.safeParse({ duration: '365 days' }).success).toBe(true);
    expect(drawn.safeParse({ duration: '366 days' }).success).toBe(false);
    expect(executeWait({ duration: 0 }, testContext())).toMatchObject({ kind: 'completed' });
  });
  test('checklist #87: an event is awaited for 24 hours where nothing else is said', () => {
    expect(executeWait({ event_type: 'paid' }, testContext())).toEqual({
      kind: 'wait',
      on: 'event',
      until: startedAt + 86_400_000,
      data: { event_type: 'paid', match: null },
    });
    expect(executeWait({ event_type: 'paid', match: 'event.a', timeout: '1h' }, testContext())).toMatchObject({
      until: startedAt + 3_600_000,
      data: { match: 'event.a' },
    });
  });
  test('checklist #88: durations are numbers or texts, other texts are refused', () => {
    for (const [duration, millis] of [
      ['500ms', 500],
      ['10 minutes', 600_000],
      ['1 hour', 3_600_000],
      ['2 days', 172_800_000],
      [2, 2000],
    ] as const) {
      expect(executeWait({ duration }, testContext())).toMatchObject({ until: startedAt + millis });
    }
    for (const duration of ['ten minutes', '5 fortnights', '', '-1s', -1]) expect(drawn.safeParse({ duration }).success).toBe(false);
  });
  test('a condition is asked at once and keeps its expression as it is written', async () => {
    const type = stepCatalog.wait as StepDefinition;
    const config = { condition: '{{ steps.other.status = "completed" }}', interval: 0.1 };
    const compiled = compileConfig(config, type);
    expect(compiled.references).toMatchObject([{ root: 'steps', step: 'other', late: true }]);
    expect(await compiled.resolve({ values: {}, now: 0, seed: '' })).toEqual(config);
    expect(executeWait(config, testContext())).toMatchObject({ on: 'condition', until: startedAt, data: { every: 1000, until: null } });
  });
  test.each<[JsonObject, boolean]>([
    [{ duration: '5m' }, true],
    [{ duration: 0.5 }, true],
    [{ duration: '{{ input.x }}' }, true],
    [{ until: '2027-01-01T00:00:00+02:00' }, true],
    [{ until: '2027-01-01' }, false],
    [{ duration: 'soon' }, false],
    [{}, false],
    [{ duration: 1, until: '2027-01-01T00:00:00Z' }, false],
    [{ condition: 'true', interval: '1s' }, true],
    [{ condition: 'true', interval: '{{ input.every }}' }, true],
    [{ condition: 'true', interval: '100ms' }, false],
    [{ condition: 'true', interval: 0.9 }, false],
    [{ condition: 'true', interval: 0 }, false],
    [{ event_type: 'paid', match: 'event.ok', timeout: '1h' }, true],
    [{ event_type: '' }, false],
    [{ event_type: 'x'.repeat(101) }, false],
    [{ duration: 1, match: 'event.ok' }, false],
    [{ duration: 1, timeout: 5 }, false],
    [{ event_type: 'paid', interval: 5 }, false],
    [{ condition: 'a', interval: 5, timeout: 9 }, true],
    [{ event_type: 'paid', condition: 'a' }, false],
  ])('%j is valid: %s', (config, valid) => expect(drawn.safeParse(config).success).toBe(valid));
  test('a duration that has no value is refused before it runs', () => expect(resolved.safeParse({}).success).toBe(false));
});
