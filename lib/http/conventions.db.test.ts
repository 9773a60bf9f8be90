import { beforeAll, describe, expect, test } from 'vitest';
import { AppError, ERROR_CODES } from '#lib/base/errors.ts';
import type { Json } from '#lib/base/json.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { createKey } from '#lib/server/create-key.ts';
import { failedEvents, journal } from '#lib/server/test-journal.ts';
import { api as app } from './api.ts';
import { errorResponse } from './error-response.ts';
import { HTTP_STATUS } from './status.ts';
import { type TestAnswer, type TestApi, testApi } from './test-api.ts';

let api: TestApi;
let workflow: string;
let run: string;

beforeAll(async () => {
  await freshDatabase();
  api = await testApi();
  workflow = await api.workflow();
  run = await api.run(workflow);
  await journal(run, failedEvents, { status: 'failed' });
});

async function asReader(method: string, path: string): Promise<TestAnswer<Record<string, Json>>> {
  const made = { name: 'reader', scopes: ['runs:read' as const], expires_at: null };
  const { key } = await createKey(api.access, { params: {}, query: {}, body: made });
  return api.call(method, path, undefined, { authorization: `Bearer ${key}` });
}

describe('checklist #109: every refusal has one body', () => {
  const cases: [string, number, () => Promise<TestAnswer<Record<string, Json>>>][] = [
    ['bad_request', 400, () => api.call('POST', '/api/workflows', '{"definition":')],
    ['unauthorized', 401, () => api.call('GET', '/api/workflows', undefined, { authorization: 'Bearer wl_nobody_nobody_nobody' })],
    ['forbidden', 403, () => asReader('DELETE', `/api/workflows/${workflow}`)],
    ['not_found', 404, () => api.call('GET', '/api/workflows/wf_0')],
    ['not_found', 404, () => api.call('GET', '/api/nothing')],
    ['method_not_allowed', 405, () => api.call('DELETE', '/api/workflows')],
    ['conflict', 409, () => api.call('POST', `/api/workflows/runs/${run}/cancel`)],
    ['payload_too_large', 413, () => api.call('POST', `/api/workflows/${workflow}/run`, { input_data: 'x'.repeat(1_100_000) })],
    ['unsupported_media_type', 415, () => api.call('POST', '/api/workflows', 'a=b', { 'content-type': 'text/plain' })],
    ['validation_error', 422, () => api.call('POST', '/api/workflows', { definition: { name: '', steps: [] } })],
  ];
  test.each(cases)('%s %i', async (code, status, call) => {
    const answer = await call();
    expect([answer.status, answer.body]).toEqual([
      status,
      {
        error: code,
        message: expect.stringMatching(/^[A-Z/].*\.?$/),
        status,
        details: expect.any(Array),
        request_id: answer.headers.get('x-request-id'),
      },
    ]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    if (code === 'validation_error') {
      expect(answer.body.details).toContainEqual({ path: '/name', code: 'too_small', message: expect.any(String) });
    }
  });

  test('internal_error 500: the cause is not told, the request id is', async () => {
    const response = errorResponse(new Error('password=hunter2 at secret.ts:12'), 'req-1');
    const text = await response.text();
    expect(text).not.toMatch(/hunter2|secret\.ts/);
    expect(JSON.parse(text)).toMatchObject({ error: 'internal_error', status: 500, details: [], request_id: 'req-1' });
    expect([response.status, response.headers.get('x-request-id')]).toEqual([500, 'req-1']);
  });

  test('every code has its own status in the answer and in the body', async () => {
    for (const code of ERROR_CODES) {
      const response = errorResponse(new AppError(code, 'No.'), 'req-1');
      expect([code, response.status]).toEqual([code, HTTP_STATUS[code]]);
      expect(await response.json()).toMatchObject({ error: code, message: 'No.', status: HTTP_STATUS[code] });
    }
    expect(new Set(ERROR_CODES.map((code) => HTTP_STATUS[code])).size).toBe(ERROR_CODES.length);
  });
});

describe('checklist #110: a missing or wrong key is 401 before anything is looked up', () => {
  const bearers: [string, string | undefined][] = [
    ['none', undefined],
    ['a wrong key', 'Bearer wl_wrong_wrong_wrong_wrong'],
    ['another scheme', 'Basic dXNlcjpwYXNz'],
    ['an empty one', 'Bearer '],
    ['no key of ours', 'Bearer sk_live_1234567890123456'],
  ];
  test.each(bearers)('%s', async (_, authorization) => {
    for (const [method, path, body] of [
      ['GET', `/api/workflows/${workflow}`, undefined],
      ['GET', '/api/workflows/wf_0', undefined],
      ['GET', '/api/nothing/at/all', undefined],
      ['PATCH', '/api/workflows', undefined],
      ['GET', '/api/workflows?limit=nonsense', undefined],
      ['POST', '/api/workflows', '{"broken'],
      ['POST', `/api/workflows/${workflow}/run`, '{}'],
      ['GET', `/api/workflows/runs/${run}/stream`, undefined],
    ] as const) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const response = await app().request(`http://127.0.0.1:3000${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
      expect([method, path, response.status]).toEqual([method, path, 401]);
      expect(await response.json()).toMatchObject({ error: 'unauthorized', status: 401 });
    }
  });
});

describe('checklist #111: conventions', () => {
  const PREFIXES: Record<string, RegExp> = {
    workflow_id: /^wf_[0-9a-f]{32}$/,
    run_id: /^run_[0-9a-f]{32}$/,
    schedule_id: /^sched_[0-9a-f]{32}$/,
  };
  const faults: string[] = [];

  /** Every member of an answer that is a moment or an id must look like one. */
  function check(value: Json, path: string): void {
    if (Array.isArray(value)) for (const [at, item] of value.entries()) check(item, `${path}/${at}`);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        const pattern = /(_at|timestamp)$/.test(key) ? /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ : PREFIXES[key];
        if (pattern !== undefined && member !== null && !pattern.test(String(member))) faults.push(`${path}/${key}: ${member}`);
        if (!/^[a-z0-9_.-]+$/.test(key)) faults.push(`${path}/${key} is not snake_case`);
        if (key !== 'definition') check(member, `${path}/${key}`);
      }
    }
  }

  test('times are ISO 8601 in UTC, ids carry their prefix, keys are snake_case, answers are JSON', async () => {
    const schedule = await api.call('POST', `/api/workflows/${workflow}/schedules`, { cron_expression: '0 9 * * *' });
    check(schedule.body, 'schedules');
    for (const path of [
      '/api/workflows',
      `/api/workflows/${workflow}`,
      `/api/workflows/${workflow}/versions`,
      `/api/workflows/${workflow}/versions/1`,
      `/api/workflows/${workflow}/draft`,
      `/api/workflows/${workflow}/runs`,
      `/api/workflows/${workflow}/schedules`,
      '/api/workflows/runs',
      `/api/workflows/runs/${run}`,
      '/api/keys',
      '/api/audit',
    ]) {
      const { status, body, headers } = await api.call('GET', path);
      expect([path, status, headers.get('content-type')]).toEqual([path, 200, expect.stringMatching(/^application\/json/)]);
      check(body, path);
    }
    expect(faults).toEqual([]);
    const { keys } = await api.get<{ keys: { id: string }[] }>('/api/keys');
    for (const [id, pattern] of [
      [workflow, /^wf_/],
      [run, /^run_/],
      [keys[0]?.id, /^key_/],
      [schedule.body.schedule_id, /^sched_/],
    ] as const) {
      expect(id).toMatch(pattern);
    }
  });
});
