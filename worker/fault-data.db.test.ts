import { expect, it } from 'vitest';
import { testApi } from '#lib/http/test-api.ts';
import { followRun } from '#lib/server/follow-run.ts';
import { getRun } from '#lib/server/get-run.ts';
import { testAccess } from '#lib/server/test-workspace.ts';
import { freshFaults } from './test-faults.ts';
import { ended, rowOf, storeSteps } from './test-runs.ts';

/** Values that databases and JSON dislike, made by a real worker process. */
const faults = freshFaults();
const LARGE = 1024 * 1024 - 1024;

const COMPLETED = {
  nothing: null,
  large: 'x'.repeat(LARGE),
  nul: { 'k\u0000ey': 'a\u0000b' },
  surrogate: ['\ud800', 'x\udfffy'],
};
const FAILED = {
  tooLarge: 'OUTPUT_TOO_LARGE',
  notANumber: 'OUTPUT_NOT_JSON',
  infinity: 'OUTPUT_NOT_JSON',
  bigint: 'OUTPUT_NOT_JSON',
  deep: 'OUTPUT_TOO_LARGE',
  nulError: 'ODD',
  largeError: 'ODD',
  bigintError: 'JOURNAL_REFUSED',
  thrown: 'STEP_ERROR',
};

it('outputs and errors of any kind: stored and streamed as they are, or refused clearly, and no neighbor suffers', async () => {
  const step = (id: string) => ({ id, config: { url: `${faults.origin}/${id}` } });
  faults.answer = (path) => (path.slice(1) in { ...COMPLETED, ...FAILED } ? { answer: path.slice(1) } : {});
  // Nothing is answered before all are in flight, so that they end in one flush.
  const kinds = [...Object.keys(COMPLETED), ...Object.keys(FAILED)];
  const stored = await Promise.all(kinds.map((kind) => storeSteps([step(kind)])));
  const plain = await storeSteps([step('plain'), { ...step('after'), depends_on: ['plain'] }]);
  faults.holds = (path) => path !== '/after';
  await faults.startOdd();
  const runs = (await Promise.all(stored.map(({ start }) => start()))).map(([run = '']) => run);
  const neighbors = await plain.start(30);
  await expect.poll(() => faults.held.length, { timeout: 15_000 }).toBe(kinds.length + neighbors.length);
  faults.letGo();
  await ended([...runs, ...neighbors]);
  for (const run of neighbors) expect(await rowOf(run)).toMatchObject({ status: 'completed', epoch: 1 });
  const someone = await testAccess();
  for (const [index, kind] of kinds.entries()) {
    const access = { ...someone, workspaceId: stored[index]?.workspaceId ?? '' };
    const runId = runs[index] ?? '';
    const { run } = await getRun(access, { params: { run_id: runId }, query: {}, body: {} });
    if (kind in COMPLETED) {
      expect([kind, run.status, run.output]).toEqual([kind, 'completed', { [kind]: COMPLETED[kind as keyof typeof COMPLETED] }]);
    } else {
      expect([kind, run.status, run.error?.code]).toEqual([kind, 'failed', FAILED[kind as keyof typeof FAILED]]);
      expect(run.error?.message).not.toBe('');
    }
    const following = await followRun(access, { runId, after: 0, signal: AbortSignal.timeout(5000) });
    const seen: string[] = [];
    if (!following.ended) for await (const batch of following.events) seen.push(...batch.map((event) => event.type));
    expect([seen[0], seen.at(-1)]).toEqual(['run_queued', 'run_completed']);
  }
}, 60_000);

it('inputs of any kind, by REST: taken whole and given back, or refused with the place of the fault', async () => {
  const me = await testApi();
  const echo = await me.workflow({ name: 'echo', steps: [{ id: 'echo', type: 'transform', config: { expression: 'input' } }] });
  await faults.start();
  const start = (text: string) => me.call<{ run_id: string }>('POST', `/api/workflows/${echo}/run`, `{"input_data":${text}}`);
  const texts = ['{"a":"\\u00e4"}', `"${'z'.repeat(900_000)}"`, '1e308', '-0.0'];
  for (const text of texts) {
    const { status, body } = await start(text);
    expect([text.slice(0, 30), status]).toEqual([text.slice(0, 30), 202]);
    await ended([body.run_id]);
    const run = await me.get<{ run: { status: string; input: unknown; output: { echo: unknown } } }>(`/api/workflows/runs/${body.run_id}`);
    expect(run.run.status).toBe('completed');
    expect(JSON.stringify(run.run.input)).toBe(JSON.stringify(JSON.parse(text)));
    expect(JSON.stringify(run.run.output.echo)).toBe(JSON.stringify(JSON.parse(text)));
  }
  const refused = { '{"a":["x\\u0000y"]}': 'nul_character', '["\\ud800"]': 'lone_surrogate', '["\\udc00\\ud800"]': 'lone_surrogate' };
  for (const [text, code] of Object.entries(refused)) {
    expect(await start(text)).toMatchObject({ status: 422, body: { details: [{ code, path: expect.stringMatching(/^\/input_data/) }] } });
  }
  for (const text of ['NaN', 'Infinity', '{"a":undefined}', `${'['.repeat(3000)}${']'.repeat(3000)}`]) {
    const { status, body } = await start(text);
    expect([text.slice(0, 20), status >= 400 && status < 500]).toEqual([text.slice(0, 20), true]);
    expect(body).toHaveProperty('error');
  }
}, 40_000);
