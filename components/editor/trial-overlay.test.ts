import { expect, test } from 'vitest';
import type { TestResult } from '#lib/contracts/trial.ts';
import { apply } from '#lib/engine/apply.ts';
import type { NewRunEvent } from '#lib/engine/events.ts';
import { initialState, type RunState } from '#lib/engine/state.ts';
import { compileGraph } from '#lib/workflow/graph.ts';
import { createTrialOverlay } from './trial-overlay.ts';

const STEPS = ['a', 'b', 'c'].map((id, at) => ({ id, type: 'transform', ...(at === 0 ? {} : { depends_on: [['a', 'b'][at - 1] ?? ''] }) }));

function result(id: string, more: Partial<TestResult> = {}): TestResult {
  return {
    ...{ step_id: id, run_id: 'run_1', status: 'completed', pinned: false, fingerprint: '', input: null, output: [1, 2], items: 2 },
    ...{ output_omitted: false, error: null, branch: null, skip_reason: null, logs: [], started_at: null, duration_seconds: 1.5 },
    completed_at: '2026-01-01T00:00:00.000Z',
    ...more,
  };
}

function live(...events: NewRunEvent[]): RunState {
  const state = initialState(compileGraph({ name: 'x', steps: STEPS }, {}));
  for (const event of events) apply(state, event);
  return state;
}

const results = (...all: TestResult[]) => new Map(all.map((one) => [one.step_id, one]));

test('shows the last results, marks what no longer holds, and leaves other steps as they are', () => {
  const overlay = createTrialOverlay()({ results: results(result('a'), result('b')), fresh: new Set(['a']), live: null });
  expect(overlay?.partial).toBe(true);
  expect(overlay?.steps.get('a')).toMatchObject({ status: 'completed', duration: 1500, items: 2, stale: false });
  expect(overlay?.steps.get('b')).toMatchObject({ stale: true });
  expect(overlay?.steps.has('c')).toBe(false);
  expect(createTrialOverlay()({ results: new Map(), fresh: new Set(), live: null })).toBeNull();
});

test('shows what a test does over the last results, but for steps that it took over or left out', () => {
  const state = live(
    { type: 'run_queued', trigger: 'test', version: null, at: 1 },
    { type: 'run_trial', target: 'b', pinned: [], reused: ['a'], at: 1 },
    { type: 'step_completed', step: 'a', attempt: 1, output: 1, started_at: 1, at: 1 },
    { type: 'step_skipped', step: 'c', reason: 'not_in_test', at: 1 },
    { type: 'run_started', at: 1 },
    { type: 'step_started', step: 'b', attempt: 1, execution: 1, at: 2 },
  );
  const known = results(result('a'), result('b'), result('c', { status: 'failed', error: { code: 'X', message: 'broke' } }));
  const draw = createTrialOverlay();
  const overlay = draw({ results: known, fresh: new Set(['a', 'c']), live: state });
  expect([...(overlay?.steps ?? [])].map(([id, { status }]) => [id, status])).toEqual([
    ['a', 'completed'],
    ['b', 'running'],
    ['c', 'failed'],
  ]);
  expect(overlay?.steps.get('a')?.duration).toBe(1500);
  const again = draw({ results: new Map(known), fresh: new Set(['a', 'c']), live: state });
  expect([...(again?.steps.values() ?? [])].every((step, at) => step === [...(overlay?.steps.values() ?? [])][at])).toBe(true);
});
