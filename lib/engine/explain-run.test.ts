import { expect, test } from 'vitest';
import { fold } from './apply.ts';
import type { NewRunEvent } from './events.ts';
import { explainRun, type QueuePlace } from './explain-run.ts';
import type { RunState } from './state.ts';
import { begun, undone, waits } from './test-explain.ts';
import { graphOf, runLoop, TestRun } from './test-run.ts';

const failure = (steps: Parameters<typeof begun>[0], rest: Parameters<typeof begun>[1] = {}) => begun(steps, rest).fail('a', 'It broke');
const limited = { queue: 'default', served: true, ahead: 0, limit: { max: 2, key: null } };

const RUNS: readonly (readonly [name: string, run: () => { readonly state: RunState }, place: QueuePlace | null, sentence: string])[] = [
  ['queued, nothing more known', () => new TestRun(graphOf([{ id: 'a' }])), null, 'Waits for a worker to take it.'],
  [
    'queued, next',
    () => new TestRun(graphOf([{ id: 'a' }])),
    { ...limited, limit: null },
    "Waits for a worker of the queue 'default' to have room; it is next.",
  ],
  [
    'queued, behind others',
    () => new TestRun(graphOf([{ id: 'a' }])),
    { ...limited, ahead: 3, limit: null },
    "Waits for a worker of the queue 'default' to have room; 3 runs go first.",
  ],
  [
    'queued, no worker',
    () => new TestRun(graphOf([{ id: 'a' }])),
    { queue: 'gpu', served: false, ahead: 0, limit: null },
    "Waits for a worker that serves the queue 'gpu'; none is alive.",
  ],
  [
    'queued, behind its limit',
    () => new TestRun(graphOf([{ id: 'a' }])),
    limited,
    'Waits for a free slot of its limit: 2 runs of this workflow may be under way at the same time.',
  ],
  [
    "queued, behind its key's limit",
    () => new TestRun(graphOf([{ id: 'a' }])),
    { ...limited, limit: { max: 1, key: 'acme' } },
    "Waits for a free slot of its limit: 1 run with the key 'acme' may be under way at the same time.",
  ],
  ['running', () => begun([{ id: 'a' }, { id: 'b' }]), null, 'Runs a and b.'],
  [
    'running, and waiting',
    () => begun([{ id: 'a' }, { id: 'b' }]).on({ type: 'step_waiting', step: 'b', attempt: 1, kind: 'timer', wake_at: 9000, at: 1000 }),
    null,
    'Runs a, while b waits.',
  ],
  ['inside a loop', () => runLoop({ items: [1, 2], steps: [{ id: 'x' }], concurrency: 2 }), null, 'Runs l[0].x and l[1].x.'],
  ['waiting', () => waits('timer', {}, 9000), null, 'Waits, and takes up no worker: a is waiting for something to come.'],
  [
    'waiting, due, behind its limit',
    () => waits('timer', {}, 9000),
    limited,
    'Could go on and waits for a free slot of its limit: 2 runs of this workflow may be under way at the same time.',
  ],
  [
    'being cancelled',
    () => begun([{ id: 'a' }]).on({ type: 'run_cancelling', reason: 'request', at: 1000 }),
    null,
    'Is ending, because the run was cancelled on request: waits for a to stop.',
  ],
  [
    'pausing',
    () => begun([{ id: 'a' }]).on({ type: 'run_pausing', reason: 'request', at: 1000 }),
    null,
    'Is pausing on request and waits for a to end.',
  ],
  [
    'paused on request',
    () =>
      begun([{ id: 'a' }, { id: 'b', depends_on: ['a'] }])
        .on({ type: 'run_pausing', reason: 'request', at: 1000 })
        .complete('a'),
    null,
    'Is paused since 1970-01-01T00:00:01.000Z on request. Resume it to go on.',
  ],
  [
    'paused by an error',
    () => failure([{ id: 'a' }, { id: 'b', depends_on: ['a'] }], { on_error: 'pause' }),
    null,
    'Is paused since 1970-01-01T00:00:01.000Z because of an error (on_error: pause): a failed with It broke. Resume it to go on.',
  ],
  [
    'held back before it began',
    () => ({ state: fold(graphOf([{ id: 'a' }]), [{ type: 'run_paused', reason: 'request', at: 1000 }]) }),
    null,
    'Is held back before it began since 1970-01-01T00:00:01.000Z on request. Resume it to go on.',
  ],
  [
    'undoing',
    () =>
      begun([{ id: 'a', undo: { type: 'work', config: {} } }, { id: 'b' }])
        .complete('a')
        .fail('b', 'It broke'),
    null,
    'Undoes what its steps did, because it failed: next is a, 1 to go.',
  ],
  ['completed', () => begun([{ id: 'a' }]).complete('a'), null, 'Completed: no step failed.'],
  [
    'completed, with a failure that is handled',
    () => failure([{ id: 'a', on_error: 'continue' }]),
    null,
    'Completed although a failed: the workflow says what to do then.',
  ],
  [
    'completed by its policy',
    () => begun([{ id: 'a' }], { success_policy: { cases: [{ required: ['a'] }] } }).complete('a'),
    null,
    'Completed: all steps of one case of its success policy did.',
  ],
  ['failed', () => failure([{ id: 'a' }]), null, 'Failed because the step a did: It broke.'],
  [
    'failed by its policy',
    () => failure([{ id: 'a' }], { success_policy: { cases: [{ required: ['a'] }] } }),
    null,
    'Failed because the step a did, and no case of its success policy is met: It broke.',
  ],
  ['failed and undone', () => undone(), null, 'Failed because the step b did: It broke. What its steps had done was undone.'],
  [
    'failed, and its undo too',
    () => undone({ code: 'X', message: 'It is gone' }),
    null,
    'Failed because the step b did: It broke. Undoing what its steps had done did not succeed to the end.',
  ],
  [
    'cancelled on request',
    () => waits('timer', {}, 5000).on({ type: 'run_cancelling', reason: 'request', at: 1000 }),
    null,
    'Was cancelled on request.',
  ],
  [
    'cancelled by its time',
    () => waits('timer', {}, 5000).on({ type: 'run_cancelling', reason: 'timeout', at: 1000 }),
    null,
    'Was cancelled because the run took longer than it may.',
  ],
  [
    'too many steps',
    () => waits('timer', {}, 5000).on({ type: 'run_cancelling', reason: 'limit', at: 1000 }),
    null,
    "Failed: The run has more than 100000 steps, those of each iteration counted; 'limits.steps' says how many it may have.",
  ],
  [
    'skipped by its limit',
    () => {
      const reason = { code: 'CONCURRENCY_LIMIT', message: 'The workflow has as many runs as its limit allows' };
      const end: NewRunEvent = { type: 'run_completed', status: 'cancelled', output: null, error: reason, duration_seconds: 0, at: 1 };
      return { state: fold(graphOf([{ id: 'a' }]), [end]) };
    },
    null,
    'Was cancelled: The workflow has as many runs as its limit allows.',
  ],
];

test.each(RUNS)('why the run stands as it does: %s', (_name, run, place, sentence) => {
  expect(explainRun(run().state, place)).toBe(sentence);
});
