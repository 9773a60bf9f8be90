import { expect, test } from 'vitest';
import { apply } from './apply.ts';
import { explainKey } from './explain.ts';
import type { RunState } from './state.ts';
import { begun, undone, waits } from './test-explain.ts';
import { graphOf, TestRun } from './test-run.ts';

const error = { code: 'HTTP_STATUS', message: 'It answered 500' };
const read = [{ path: 'steps.a.output.n', value: 3 }, { path: 'input.mode' }];

/** The answer to a condition, with what it read; the test's shell must not have answered it before. */
function answered(condition: 'skip_when' | 'run_when', value: boolean): TestRun {
  const run = new TestRun(graphOf([{ id: 'a', [condition]: '{{ steps.a.output.n > 2 }}' }]));
  apply(run.state, { type: 'run_started', at: 1 });
  apply(run.state, { type: 'condition_evaluated', step: 'a', condition, value, read, at: 2 });
  return run.go();
}

const retried = () =>
  begun([{ id: 'a', retry: { max_attempts: 3, delay: '1s' } }]).on({
    ...{ type: 'step_retrying', step: 'a', attempt: 1, error, started_at: 1000, retry_at: 2000, at: 1000 },
  });

/** A join with cancel_rest that has started while `b` runs and `slow` waits behind it. */
const cutOff = () =>
  begun([
    { id: 'a' },
    { id: 'b' },
    { id: 'slow', depends_on: ['b'] },
    { id: 'j', depends_on: ['a', 'slow'], join: 'any', cancel_rest: true },
  ]).complete('a');

/** Each sentence that a step can be given: the run, the step, what is said. */
const STEPS: readonly (readonly [name: string, run: () => { readonly state: RunState }, step: string, sentence: string])[] = [
  ['a root', () => begun([{ id: 'a' }]), 'a', 'Started with the run: it depends on nothing.'],
  ['one edge', () => begun([{ id: 'a' }, { id: 'b', depends_on: ['a'] }]).complete('a'), 'b', 'Ran because a was met.'],
  [
    'all edges',
    () =>
      begun([{ id: 'a' }, { id: 'b' }, { id: 'c', depends_on: ['a', 'b'] }])
        .complete('a')
        .complete('b'),
    'c',
    'Ran because a and b were all met.',
  ],
  [
    'any',
    () => begun([{ id: 'a' }, { id: 'b' }, { id: 'c', depends_on: ['a', 'b'], join: 'any' }]).complete('b'),
    'c',
    'Ran because one of its dependencies was enough: b.',
  ],
  [
    'any, none yet',
    () => begun([{ id: 'a' }, { id: 'b' }, { id: 'c', depends_on: ['a', 'b'], join: 'any' }]),
    'c',
    'Waits for a and b: one is enough.',
  ],
  [
    'quorum',
    () =>
      begun([{ id: 'a' }, { id: 'b' }, { id: 'd' }, { id: 'c', depends_on: ['a', 'b', 'd'], join: 'quorum', min_success: 2 }])
        .complete('a')
        .complete('d'),
    'c',
    'Ran because 2 of its 3 dependencies were met: a and d.',
  ],
  [
    'quorum, not yet',
    () =>
      begun([{ id: 'a' }, { id: 'b' }, { id: 'd' }, { id: 'c', depends_on: ['a', 'b', 'd'], join: 'quorum', min_success: 2 }]).complete(
        'a',
      ),
    'c',
    'Waits for b and d: it needs 2 of 3, 1 so far.',
  ],
  [
    'failed dependencies allowed',
    () =>
      begun([{ id: 'a' }, { id: 'c' }, { id: 'b', depends_on: ['a', 'c'], allow_failed_deps: true }])
        .fail('a')
        .complete('c'),
    'b',
    'Ran although a did not complete: failed dependencies are allowed.',
  ],
  [
    'a dependency that failed',
    () => begun([{ id: 'a' }, { id: 'b', depends_on: ['a'] }]).fail('a'),
    'b',
    'Skipped because a did not complete.',
  ],
  [
    'a branch that was not taken',
    () =>
      begun([
        { id: 'a', type: 'check' },
        { id: 'b', depends_on: [{ step: 'a', branch: 'true' }] },
      ]).complete('a', null, 'false'),
    'b',
    'Not taken: a (false) went another way.',
  ],
  [
    'a quorum that cannot be reached',
    () => begun([{ id: 'a' }, { id: 'b' }, { id: 'c', depends_on: ['a', 'b'], join: 'quorum', min_success: 2 }]).fail('a'),
    'c',
    'Skipped because a did not complete.',
  ],
  [
    'a fallback that stood in',
    () =>
      begun([{ id: 'a', fallback_step: 'f' }, { id: 'f' }])
        .fail('a')
        .complete('f'),
    'f',
    'Ran in place of a, which failed.',
  ],
  [
    'a fallback that was not needed',
    () => begun([{ id: 'a', fallback_step: 'f' }, { id: 'f' }]).complete('a'),
    'f',
    'Not needed: no step that it stands in for failed.',
  ],
  ['not enabled', () => begun([{ id: 'a', enabled: false }]), 'a', 'Skipped because it is disabled.'],
  [
    'skip_when',
    () => answered('skip_when', true),
    'a',
    'Skipped because its skip_when condition was true: steps.a.output.n > 2, where steps.a.output.n was 3 and input.mode was without a value.',
  ],
  [
    'run_when false',
    () => answered('run_when', false),
    'a',
    'Skipped because its run_when condition was false: steps.a.output.n > 2, where steps.a.output.n was 3 and input.mode was without a value.',
  ],
  [
    'run_when true',
    () => answered('run_when', true),
    'a',
    'Started with the run: it depends on nothing. Its run_when condition was true: steps.a.output.n > 2, where steps.a.output.n was 3 and input.mode was without a value.',
  ],
  [
    'a condition that cannot be evaluated',
    () =>
      new TestRun(graphOf([{ id: 'a', run_when: 'input.x' }]), () => {
        throw new Error('no x');
      }).go(),
    'a',
    'Failed before it started: Error: no x.',
  ],
  [
    'a branch',
    () => begun([{ id: 'a', type: 'check' }]).complete('a', null, 'true'),
    'a',
    'Started with the run: it depends on nothing. It chose the branch true.',
  ],
  ['a failure', () => begun([{ id: 'a' }]).fail('a', 'It broke'), 'a', 'Started with the run: it depends on nothing. Failed: It broke.'],
  [
    'a failure that the run survives',
    () => begun([{ id: 'a', on_error: 'continue' }]).fail('a', 'It broke'),
    'a',
    'Started with the run: it depends on nothing. Failed: It broke. The run goes on without it (on_error: continue).',
  ],
  [
    'a failure with an error edge',
    () => begun([{ id: 'a' }, { id: 'b', depends_on: [{ step: 'a', branch: 'error' }] }]).fail('a', 'It broke'),
    'a',
    'Started with the run: it depends on nothing. Failed: It broke. Its error edge handles that.',
  ],
  [
    'a failure with a fallback',
    () => begun([{ id: 'a', fallback_step: 'f' }, { id: 'f' }]).fail('a', 'It broke'),
    'a',
    'Started with the run: it depends on nothing. Failed: It broke. f stands in for it.',
  ],
  [
    'a final failure with retries left',
    () => begun([{ id: 'a', retry: { max_attempts: 3 } }]).fail('a', 'It broke'),
    'a',
    'Started with the run: it depends on nothing. Failed: It broke. It was not retried: the error is final, or the next attempt would be too late.',
  ],
  [
    'a retry that is awaited',
    retried,
    'a',
    'Attempt 1 failed: It answered 500. The next one begins at 1970-01-01T00:00:02.000Z; 1 of 2 retries are used up by then.',
  ],
  [
    'a success after a retry',
    () => {
      const run = retried();
      run.now = 2000;
      return run.go().complete('a');
    },
    'a',
    'Started with the run: it depends on nothing. Ended at attempt 2, after 1 that failed.',
  ],
  ['a time', () => waits('timer', {}, 5000), 'a', 'Waits until 1970-01-01T00:00:05.000Z.'],
  [
    'an event',
    () => waits('event', { event_type: 'paid', match: 'event.id = input.id' }, 5000),
    'a',
    "Waits for an event of the type 'paid' that fits event.id = input.id until 1970-01-01T00:00:05.000Z.",
  ],
  [
    'an event, after one that did not fit',
    () =>
      waits('event', { event_type: 'paid', match: 'event.ok' })
        .on({ type: 'event_received', event_type: 'paid', payload: {}, at: 1001 })
        .on({ type: 'wait_examined', step: 'a', event: 1, value: false, at: 1002 }),
    'a',
    "Waits for an event of the type 'paid' that fits event.ok. The last one that came did not fit.",
  ],
  ['a decision of anybody', () => waits('approval', { approvers: [] }), 'a', 'Waits for a decision.'],
  [
    'a decision of some',
    () => waits('approval', { approvers: ['ann@example.test', 'bob@example.test'] }, 5000),
    'a',
    'Waits for a decision by ann@example.test or bob@example.test until 1970-01-01T00:00:05.000Z.',
  ],
  [
    'a condition',
    () => waits('condition', { condition: '{{ steps.b.output.done }}', every: 5000, until: 9000 }, 6000),
    'a',
    'Waits until its condition holds: steps.b.output.done. It is asked every 5 s, until 1970-01-01T00:00:09.000Z at the latest.',
  ],
  ['another run', () => waits('child', { run_id: 'run_7' }), 'a', 'Waits for the end of run_7, the run that it started.'],
  [
    'cut off by a join before its start',
    () => cutOff(),
    'slow',
    'Skipped before it started, because j had started and needs it no more (cancel_rest).',
  ],
  [
    'cut off by a join while it ran',
    () => cutOff().on({ type: 'step_cancelled', step: 'b', at: 1000 }),
    'b',
    'Was stopped before it could end, because j had started and needs it no more (cancel_rest).',
  ],
  ['undone', () => undone(), 'a', 'Started with the run: it depends on nothing. It was undone afterwards.'],
  [
    'an undo that failed',
    () => undone({ code: 'X', message: 'It is gone' }),
    'a',
    'Started with the run: it depends on nothing. Undoing it failed: It is gone.',
  ],
  ['before the run begins', () => new TestRun(graphOf([{ id: 'a' }])), 'a', 'Waits for the run to start.'],
  [
    'cancelled before its start',
    () => begun([{ id: 'a' }, { id: 'b', depends_on: ['a'] }]).on({ type: 'run_cancelling', reason: 'request', at: 1000 }),
    'b',
    'Skipped before it started, because the run was cancelled on request.',
  ],
  [
    'cancelled while it waited',
    () => waits('timer', {}, 5000).on({ type: 'run_cancelling', reason: 'timeout', at: 1000 }),
    'a',
    'Was stopped before it could end, because the run took longer than it may.',
  ],
  [
    'waiting while the run is paused',
    () =>
      waits('timer', {}, 5000).on(
        { type: 'run_pausing', reason: 'request', at: 1000 },
        { type: 'run_paused', reason: 'request', at: 1000 },
      ),
    'a',
    'Waits. Its time stands still while the run is paused.',
  ],
  [
    'waiting for an event while the run is paused',
    () => waits('event', { event_type: 'paid' }, 5000).on({ type: 'run_paused', reason: 'request', at: 1000 }),
    'a',
    "Waits for an event of the type 'paid'. Its time stands still while the run is paused.",
  ],
  [
    'paused before its start',
    () =>
      begun([{ id: 'a' }, { id: 'b', depends_on: ['a'] }])
        .on({ type: 'run_pausing', reason: 'request', at: 1000 })
        .complete('a'),
    'b',
    'Ready, but the run is paused.',
  ],
  [
    'kept by a fork',
    () => {
      const run = new TestRun(graphOf([{ id: 'a' }]));
      apply(run.state, { type: 'run_forked', from_run: 'run_1', from_step: null, kept: ['a'], changed: [], at: 1 });
      return run.on({ type: 'step_completed', step: 'a', attempt: 1, output: 1, started_at: 1, at: 2 });
    },
    'a',
    'Did not run here: its result was kept from run_1.',
  ],
  [
    'a second execution',
    () =>
      begun([{ id: 'a' }])
        .fail('a')
        .on({ type: 'run_reopened', kind: 'resume', from_step: 'a', reset: ['a'], at: 1000 }),
    'a',
    'Started with the run: it depends on nothing. Ran anew, as execution 2: the run went on from it or from a step before it.',
  ],
];

test.each(STEPS)('why a step stands as it does: %s', (_name, run, step, sentence) => {
  expect(explainKey(run().state, step)?.sentence).toBe(sentence);
});
