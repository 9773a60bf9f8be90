import { describe, expect, test } from 'vitest';
import type { Edge, Graph, Join } from '#lib/workflow/graph.ts';
import type { SkipReason, StepStatus } from './events.ts';
import { type EdgeState, edgeState, fallbackVerdict, handlesFailure, joinVerdict, type StepEnd } from './readiness.ts';
import { graphOf } from './test-run.ts';

/** In the drawings: ✓ completed, ✗ failed, – skipped (reason), … not ended; ══▶ satisfied, ··▶ dead, ─╳▶ missed, ──▶ open. */

function ended(status: StepStatus, branch: string | null = null, skipReason: SkipReason | null = null): StepEnd {
  return { status, branch, skipReason };
}
const running = ended('running');
const completed = ended('completed');
const failed = ended('failed');
const skipped = (reason: SkipReason): StepEnd => ended('skipped', null, reason);

/** The states of the edges into the last step of the graph. */
function into(graph: Graph, ends: readonly StepEnd[]): EdgeState[] {
  const last = graph.steps.at(-1);
  return (last?.incoming ?? []).map((edge: Edge) => edgeState(graph, ends, edge));
}

describe('what an edge says', () => {
  test('a bare edge', () => {
    //   a ──▶ b
    const graph = graphOf([{ id: 'a' }, { id: 'b', depends_on: ['a'] }]);
    const says = (end: StepEnd) => into(graph, [end])[0];
    expect(says(ended('pending'))).toBe('open');
    expect(says(ended('queued'))).toBe('open');
    expect(says(running)).toBe('open');
    expect(says(ended('waiting'))).toBe('open');
    expect(says(completed)).toBe('satisfied');
    expect(says(ended('completed', 'true'))).toBe('satisfied');
    expect(says(failed)).toBe('missed');
    expect(says(ended('cancelled'))).toBe('missed');
    expect(says(skipped('not_taken'))).toBe('dead');
    for (const reason of ['upstream', 'skip_when', 'run_when', 'disabled', 'cancelled'] as const)
      expect(says(skipped(reason))).toBe('missed');
  });

  test('an edge with a branch', () => {
    //            ┌─true══▶ yes
    //   check ✓ ─┤
    //   (true)   └─false··▶ no
    const graph = graphOf([
      { id: 'check', type: 'check' },
      {
        id: 'yes',
        depends_on: [
          { step: 'check', branch: 'true' },
          { step: 'check', branch: 'false' },
        ],
      },
    ]);
    expect(into(graph, [ended('completed', 'true')])).toEqual(['satisfied', 'dead']);
    expect(into(graph, [ended('completed', 'false')])).toEqual(['dead', 'satisfied']);
    expect(into(graph, [ended('completed', 'other')])).toEqual(['dead', 'dead']);
    expect(into(graph, [failed])).toEqual(['missed', 'missed']);
    expect(into(graph, [running])).toEqual(['open', 'open']);
  });

  test('try/catch: with an error edge the others are dead, not missed', () => {
    //          ┌─error══▶ rescue
    //   try ✗ ─┤
    //          └·········▶ next
    const graph = graphOf([{ id: 'try' }, { id: 'all', depends_on: [{ step: 'try', branch: 'error' }, 'try'] }]);
    expect(into(graph, [failed])).toEqual(['satisfied', 'dead']);
    expect(into(graph, [completed])).toEqual(['dead', 'satisfied']);
    expect(into(graph, [skipped('upstream')])).toEqual(['missed', 'missed']);
    expect(into(graph, [skipped('not_taken')])).toEqual(['dead', 'dead']);
  });

  test('continue: the bare edges of a failed step are satisfied, no branch was chosen', () => {
    //                 ┌═════════▶ next
    //   a ✗ continue ─┤
    //                 └─true····▶ next
    const graph = graphOf([
      { id: 'a', type: 'check', on_error: 'continue' },
      { id: 'b', depends_on: ['a', { step: 'a', branch: 'true' }] },
    ]);
    expect(into(graph, [failed])).toEqual(['satisfied', 'dead']);
    // An error edge is the nearer word: it catches, and `continue` has nothing left to say.
    const caught = graphOf([
      { id: 'a', on_error: 'continue' },
      { id: 'b', depends_on: ['a', { step: 'a', branch: 'error' }] },
    ]);
    expect(into(caught, [failed])).toEqual(['dead', 'satisfied']);
  });

  test('fallback: the edges stay open until it ends and are satisfied if it completes', () => {
    //   a ✗ ───────▶ b          a ✗ ═══════▶ b         a ✗ ───╳───▶ b
    //     ╰─▶ plan_b …            ╰─▶ plan_b ✓           ╰─▶ plan_b ✗
    const graph = graphOf([{ id: 'a', fallback_step: 'plan_b' }, { id: 'plan_b' }, { id: 'b', depends_on: ['a'] }]);
    expect(into(graph, [failed, running])).toEqual(['open']);
    expect(into(graph, [failed, completed])).toEqual(['satisfied']);
    expect(into(graph, [failed, failed])).toEqual(['missed']);
    expect(into(graph, [failed, skipped('skip_when')])).toEqual(['missed']);
    expect(into(graph, [failed, ended('cancelled')])).toEqual(['missed']);
    expect(into(graph, [completed, skipped('not_taken')])).toEqual(['satisfied']);
  });

  test('a fallback has a fallback, may continue, and gives its branch', () => {
    //   a ✗ ─▶ f ✗ ─▶ g ✓      a's edge follows g
    const chain = graphOf([
      { id: 'a', fallback_step: 'f' },
      { id: 'f', fallback_step: 'g' },
      { id: 'g' },
      { id: 'b', depends_on: ['a', { step: 'a', branch: 'true' }] },
    ]);
    expect(into(chain, [failed, failed, running])).toEqual(['open', 'open']);
    expect(into(chain, [failed, failed, ended('completed', 'true')])).toEqual(['satisfied', 'satisfied']);
    expect(into(chain, [failed, failed, failed])).toEqual(['missed', 'missed']);
    const goesOn = graphOf([
      { id: 'a', fallback_step: 'f' },
      { id: 'f', on_error: 'continue' },
      { id: 'b', depends_on: ['a'] },
    ]);
    expect(into(goesOn, [failed, failed])).toEqual(['satisfied']);
  });

  test('fallback, then the error edge if that fails too', () => {
    //   a ✗ ─▶ f ✗ :  a ─error══▶ b      a ✗ ─▶ f ✓ :  a ─error··▶ b
    const graph = graphOf([{ id: 'a', fallback_step: 'f' }, { id: 'f' }, { id: 'b', depends_on: [{ step: 'a', branch: 'error' }, 'a'] }]);
    expect(into(graph, [failed, running])).toEqual(['open', 'open']);
    expect(into(graph, [failed, failed])).toEqual(['satisfied', 'dead']);
    expect(into(graph, [failed, completed])).toEqual(['dead', 'satisfied']);
  });

  test('a circle of fallbacks is no endless loop', () => {
    const graph = graphOf([
      { id: 'a', fallback_step: 'b' },
      { id: 'b', fallback_step: 'a' },
      { id: 'c', depends_on: ['a'] },
    ]);
    expect(into(graph, [failed, failed])).toEqual(['missed']);
  });
});

/** Edges as letters: o open, s satisfied, d dead, m missed. */
function verdict(join: Join, letters: string): string {
  const count = (letter: string): number => [...letters].filter((one) => one === letter).length;
  return joinVerdict(join, { open: count('o'), satisfied: count('s'), dead: count('d'), missed: count('m') });
}

describe('what a join makes of its edges', () => {
  //  edges ──▶ verdict       o open · s satisfied · d dead · m missed
  const all: Join = { kind: 'all', allowFailed: false };
  const allowing: Join = { kind: 'all', allowFailed: true };
  const any: Join = { kind: 'any' };
  const two: Join = { kind: 'quorum', min: 2 };

  test.each([
    ['', 'ready'], //          a root
    ['o', 'wait'],
    ['so', 'wait'],
    ['mo', 'wait'], //         asked only when every edge has closed
    ['s', 'ready'],
    ['ss', 'ready'],
    ['sd', 'ready'], //        the merge after an if/else
    ['d', 'not_taken'],
    ['dd', 'not_taken'],
    ['sm', 'upstream'],
    ['dm', 'upstream'],
    ['mm', 'upstream'],
  ])('all: %s ──▶ %s', (edges, expected) => expect(verdict(all, edges)).toBe(expected));

  test.each([
    ['mo', 'wait'],
    ['m', 'ready'], //         missed counts as satisfied
    ['md', 'ready'],
    ['sm', 'ready'],
    ['dd', 'not_taken'], //    but nobody came this way
  ])('all, failed dependencies allowed: %s ──▶ %s', (edges, expected) => expect(verdict(allowing, edges)).toBe(expected));

  test.each([
    ['oo', 'wait'],
    ['so', 'ready'], //        the first is enough
    ['mo', 'wait'],
    ['do', 'wait'],
    ['ms', 'ready'],
    ['mm', 'upstream'],
    ['dm', 'upstream'],
    ['dd', 'not_taken'],
  ])('any: %s ──▶ %s', (edges, expected) => expect(verdict(any, edges)).toBe(expected));

  test.each([
    ['ooo', 'wait'],
    ['soo', 'wait'],
    ['sso', 'ready'],
    ['ssm', 'ready'],
    ['mo', 'upstream'], //     1 open < 2: at once, even while one still runs
    ['mmo', 'upstream'],
    ['som', 'wait'],
    ['smm', 'upstream'],
    ['dd', 'not_taken'],
    ['dm', 'upstream'],
    ['sd', 'upstream'],
  ])('quorum of 2: %s ──▶ %s', (edges, expected) => expect(verdict(two, edges)).toBe(expected));

  test('a fallback starts when one of its steps fails, and is not taken when none can any more', () => {
    //   a ✗ ─╮                 a ✓ ─╮
    //   b …  ┴▶ f starts       b ✓  ┴▶ f – not_taken
    expect(fallbackVerdict(0, 2)).toBe('wait');
    expect(fallbackVerdict(1, 1)).toBe('ready');
    expect(fallbackVerdict(0, 0)).toBe('not_taken');
  });

  test('error edge, continue and fallback handle a failure; allow_failed_deps does not', () => {
    const graph = graphOf([
      { id: 'plain' },
      { id: 'caught' },
      { id: 'goes_on', on_error: 'continue' },
      { id: 'backed', fallback_step: 'plan_b' },
      { id: 'plan_b' },
      { id: 'after', depends_on: ['plain', { step: 'caught', branch: 'error' }], allow_failed_deps: true },
    ]);
    expect(graph.steps.filter(handlesFailure).map((step) => step.id)).toEqual(['caught', 'goes_on', 'backed']);
  });
});
