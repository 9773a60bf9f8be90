import { describe, expect, test } from 'vitest';
import { BUGS, type Bug } from './bugs.ts';
import { check, planOf, shrink } from './check.ts';
import { findBug, outside, playSeeds } from './many.ts';
import { drawPlan, type FaultKind, type Plan } from './plan.ts';
import { simulate } from './simulate.ts';

/** A million of them are played by `npm run bench:simulation`; a failure prints how to see it again. */
const SEEDS = 500;
const PATIENCE = 180_000;
/**
 * An event that came twice, by a hint and an alarm of the same moment; a paused run whose owner died before it gave it back; a
 * step on another queue that began as its run was cancelled; one whose end no hint told of while its run was pausing.
 */
const REMEMBERED = [1008304, 1008929, 1010060, 1013181, 1014098, 2002101];

const seeds = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);

describe('simulated workers, database and network', () => {
  test(
    'a run that was accepted ends, a finished step stays finished, nothing is lost or doubled, whatever fails',
    async () => {
      const totals = await outside(() => playSeeds(seeds(1, SEEDS)));
      expect(totals.failures).toEqual([]);
      expect(totals.runs).toBeGreaterThan(1500);
      // Every kind of fault struck, and what they are there for has happened.
      expect(Object.keys(totals.faults).length).toBeGreaterThan(15);
      expect(totals.repeated).toBeGreaterThan(100);
    },
    PATIENCE,
  );

  test('plans that have broken a promise once keep it', async () => {
    const broken = await outside(() => REMEMBERED.map((seed) => check(drawPlan(seed)).broken));
    expect(broken).toEqual(REMEMBERED.map(() => null));
  });

  test(
    'a worker that was stopped for longer than its lease begins nothing that another has finished',
    async () => {
      const stalls: FaultKind[] = ['stall at a statement', 'stall', 'cut at a statement'];
      const broken = await outside(() => findBug(new Set(), 150, stalls));
      expect(broken).toBeNull();
    },
    PATIENCE,
  );

  test('a seed tells the same story again, move by move', async () => {
    const [one, other] = await outside(() => [simulate(drawPlan(12), { traced: true }), simulate(drawPlan(12), { traced: true })]);
    expect(one?.trace.map(withoutIds)).toEqual(other?.trace.map(withoutIds));
    expect(one?.moves).toBe(other?.moves);
    expect(one?.trace.length).toBeGreaterThan(20);
  });

  test('a pure step that is cut off in the move in which it ends has one end', async () => {
    const steps = [
      { id: 'first', type: 'work', config: {}, depends_on: [] },
      { id: 'shape', type: 'transform', config: { fields: { a: 1 } }, depends_on: ['first'], priority: 1 },
      { id: 'join', type: 'work', config: {}, depends_on: ['first', 'shape'], join: 'any' as const, cancel_rest: true },
    ];
    const plan: Plan = {
      ...{ seed: 1, certain: false, wishes: [], faults: [], workers: [{ queues: ['default'], slots: 2, lanes: 1 }] },
      workflows: [{ definition: { name: 'cut off', steps }, fates: {} }],
      runs: [{ name: 'r0', at: 0, workflow: 0, flag: true, list: [] }],
    };
    const result = await outside(() => simulate(plan));
    expect(result.broken).toBeNull();
    expect(result.rows.step_cancelled ?? 0).toBe(0);
  });
});

/** What would be noticed, in how many seeds at most, and with which faults alone where that takes certain ones. */
const NOTICED: Readonly<Record<Bug, { readonly within: number; readonly faults?: readonly FaultKind[] }>> = {
  'no fence': { within: 400, faults: ['stall at a statement', 'cut at a statement'] },
  'release over mail': { within: 200 },
  'release over control': { within: 600, faults: ['late hints', 'lose hints'] },
  'no dedupe': { within: 60 },
  'early answer': { within: 60 },
  'stolen claim': { within: 60 },
  'rough last seq': { within: 60 },
  'silent child': { within: 60 },
  'lost mail': { within: 300 },
  'two executors': { within: 100 },
  'open gate': { within: 100 },
  'forgotten wait': { within: 60 },
  'no take-over': { within: 60 },
};

describe('what would be noticed', () => {
  for (const [bug, { within, faults }] of Object.entries(NOTICED) as [Bug, (typeof NOTICED)[Bug]][]) {
    test(
      `that ${BUGS[bug]}`,
      async () => {
        const found = await outside(() => findBug(new Set([bug]), within, faults));
        expect(found).not.toBeNull();
        if (found !== null && faults === undefined) expect((await outside(() => check(drawPlan(found.seed)))).broken).toBeNull();
      },
      PATIENCE,
    );
  }

  test(
    'a failure is made small, and its line plays it again',
    async () => {
      const bugs = new Set<Bug>(['no dedupe']);
      const found = await outside(() => findBug(bugs, 60));
      const smaller = await outside(() => shrink(found?.seed ?? 0, bugs));
      expect(smaller?.left).toBeLessThanOrEqual(4);
      expect(smaller?.replay).toBe(`node bench/simulation.ts --replay ${found?.seed} --without ${smaller?.without.join(',')}`);
      const again = await outside(() => check(planOf(found?.seed ?? 0, smaller?.without ?? []), bugs));
      expect(again.broken).toContain('twice');
    },
    PATIENCE,
  );
});

/** Ids begin with the time, which goes on from one simulation of a process to the next. */
function withoutIds(line: string): string {
  return line.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|"[0-9a-f]{4}"|\b[0-9a-f]{4}\b/g, 'id');
}
