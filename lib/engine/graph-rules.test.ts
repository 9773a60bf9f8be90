import { describe, expect, test } from 'vitest';
import type { Step } from '#lib/workflow/definition.ts';
import { argsOf } from './step-values.ts';
import { graphOf, TestRun } from './test-run.ts';

type LooseStep = Partial<Step> & { id: string };

const two: LooseStep[] = [{ id: 'a' }, { id: 'b' }];
const joined = (join: Partial<Step>, sources = two): TestRun =>
  new TestRun(graphOf([...sources, { id: 'j', depends_on: sources.map(({ id }) => id), ...join }])).go();

describe('who starts when', () => {
  test('checklist #45: roots start at once, in parallel', () => {
    expect(new TestRun(graphOf(two)).go().starts).toEqual(['a', 'b']);
  });

  test('checklist #46: join all is asked when every dependency has ended; a failed one skips the step, not earlier', () => {
    const run = joined({}).fail('a');
    expect(run.statuses.j).toBe('pending');
    expect(run.complete('b').statuses.j).toBe('skipped: upstream');
  });

  test('checklist #47 #25: with allow_failed_deps it runs whatever became of them', () => {
    expect(joined({ allow_failed_deps: true }).fail('a').complete('b').statuses.j).toBe('running');
  });

  test('checklist #48 #51: join any starts once, at the first that completes; the others go on; skipped when none did', () => {
    const run = joined({ join: 'any' }).complete('b');
    expect([run.statuses.j, run.statuses.a]).toEqual(['running', 'running']);
    expect(
      run
        .complete('a')
        .complete('j')
        .starts.filter((id) => id === 'j'),
    ).toHaveLength(1);
    expect(joined({ join: 'any' }).fail('a').fail('b').statuses.j).toBe('skipped: upstream');
  });

  test('checklist #49: join quorum starts at min_success, and is skipped as soon as that is out of reach', () => {
    const three = [...two, { id: 'c' }];
    expect(joined({ join: 'quorum', min_success: 2 }, three).complete('a').complete('c').statuses.j).toBe('running');
    const lost = joined({ join: 'quorum', min_success: 2 }, three).fail('a').fail('b');
    expect([lost.statuses.j, lost.statuses.c]).toEqual(['skipped: upstream', 'running']);
  });

  test('checklist #50: any and quorum ignore allow_failed_deps', () => {
    expect(joined({ join: 'any', allow_failed_deps: true }).fail('a').fail('b').statuses.j).toBe('skipped: upstream');
    expect(joined({ join: 'quorum', min_success: 2, allow_failed_deps: true }).fail('a').statuses.j).toBe('skipped: upstream');
  });

  test('checklist #52 #53: a skip spreads in the same move and is none of a failure', () => {
    const run = new TestRun(graphOf([{ id: 'a' }, { id: 'b', depends_on: ['a'] }, { id: 'c', depends_on: ['b'] }])).go().fail('a');
    expect(run.statuses).toEqual({ a: 'failed', b: 'skipped: upstream', c: 'skipped: upstream' });
    expect([run.step('b').error, run.step('b').firstStartedAt]).toEqual([null, null]);
  });

  test('checklist #54: a context source that runs keeps the step pending although its join is met; a failed one is enough', () => {
    const run = joined({ join: 'any', context_from: ['a', 'b'] }).complete('a');
    expect(run.statuses.j).toBe('pending');
    expect(run.fail('b').statuses.j).toBe('running');
  });
});

describe('conditions', () => {
  const asked = (answers: Record<string, boolean>, step: Partial<Step> = {}): { run: TestRun; questions: string[] } => {
    const questions: string[] = [];
    const graph = graphOf([{ id: 'a' }, { id: 'b', depends_on: ['a'], skip_when: 'skip', run_when: 'run', ...step }]);
    const run = new TestRun(graph, (expression) => {
      questions.push(expression);
      if (!(expression in answers)) throw new Error('no answer');
      return answers[expression] === true;
    }).go();
    return { run: run.complete('a'), questions };
  };

  test('checklist #55 #30: the join comes first, then good_until, then skip_when, then run_when', () => {
    const { run, questions } = asked({ skip: false, run: true });
    expect([run.statuses.b, questions]).toEqual(['running', ['skip', 'run']]);
    const late = asked({ skip: true, run: true }, { good_until: '1970-01-01T00:00:00Z' });
    expect([late.run.step('b').error?.code, late.questions]).toEqual(['TASK_EXPIRED', []]);
  });

  test('checklist #56: skip_when that holds skips, and run_when is not asked', () => {
    const { run, questions } = asked({ skip: true, run: true });
    expect([run.statuses.b, questions]).toEqual(['skipped: skip_when', ['skip']]);
  });

  test('checklist #57: run_when that does not hold skips', () => {
    expect(asked({ skip: false, run: false }).run.statuses.b).toBe('skipped: run_when');
  });

  test('checklist #58: a condition that throws fails the step, which never started', () => {
    const { run } = asked({});
    expect([run.step('b').error?.code, run.step('b').firstStartedAt, run.state.status]).toEqual([
      'CONDITION_EVALUATION_ERROR',
      null,
      'failed',
    ]);
  });
});

test('checklist #60 #61 #62: args hold the result of what ended, an error for what was skipped, nothing of what has not', () => {
  const sources: LooseStep[] = [{ id: 'ok' }, { id: 'bad' }, { id: 'off', enabled: false }, { id: 'slow' }];
  const run = joined({ join: 'any', args_from: { ok: 'ok', bad: 'bad', off: 'off', slow: 'slow' } }, sources);
  run.fail('bad', 'BROKEN').complete('ok', { n: 1 });
  const args = argsOf(run.state, run.graph.byId.get('j')?.index ?? -1);
  expect({ ...args }).toMatchObject({ ok: { n: 1 }, bad: { error: { code: 'BROKEN' } }, off: { error: { code: 'UPSTREAM_SKIPPED' } } });
  expect('slow' in args).toBe(false);
});

test('checklist #67: the error of the run is that of the first failed step in definition order, whichever failed first', () => {
  const run = new TestRun(graphOf(two)).go().fail('b', 'SECOND').fail('a', 'FIRST');
  expect(run.state.error).toMatchObject({ code: 'FIRST', step: 'a' });
});
