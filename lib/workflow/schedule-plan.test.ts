import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstDue, OVERLAP_POLICIES, type PlannedSchedule, planDue, planOverlap, type SchedulePlan } from './schedule-plan.ts';
import { timesBetween } from './schedule-time.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const T0 = Date.parse('2026-06-01T12:00:00Z');
const minutely: PlannedSchedule = { id: 'sched_1', cron: '* * * * *', timezone: 'UTC', catchUp: 'once', catchUpWindow: DAY, jitter: 0 };

describe('checklist #171: missed times', { timeout: 60_000 }, () => {
  const late = T0 + 10 * MINUTE - 1000;
  test('a time that is met starts one run', () => {
    expect(planDue(minutely, T0, T0 + 40)).toEqual({ due: [T0], passed: null, next: { due: T0 + MINUTE, at: T0 + MINUTE } });
  });
  test('nothing is due before its time', () => {
    expect(planDue(minutely, T0, T0 - 1)).toEqual({ due: [], passed: null, next: { due: T0, at: T0 } });
  });
  test('once: one run for all that were missed, here the one that is only just due', () => {
    const plan = planDue(minutely, T0, late);
    expect(plan.due).toEqual([T0 + 9 * MINUTE]);
    expect(plan.passed).toEqual({ from: T0, until: T0 + 8 * MINUTE, count: 9 });
  });
  test('once: the last one where none is only just due', () => {
    const hourly = { ...minutely, cron: '0 * * * *' };
    expect(planDue(hourly, T0, T0 + 150 * MINUTE)).toEqual({
      due: [T0 + 120 * MINUTE],
      passed: { from: T0, until: T0 + 60 * MINUTE, count: 2 },
      next: { due: T0 + 180 * MINUTE, at: T0 + 180 * MINUTE },
    });
  });
  test('skip: none of those that were missed', () => {
    const hourly = { ...minutely, cron: '0 * * * *', catchUp: 'skip' as const };
    expect(planDue(hourly, T0, T0 + 150 * MINUTE)).toMatchObject({ due: [], passed: { count: 3 } });
  });
  test('all: each within the window', () => {
    const hourly = { ...minutely, cron: '0 * * * *', catchUp: 'all' as const, catchUpWindow: 100 * MINUTE };
    expect(planDue(hourly, T0, T0 + 150 * MINUTE)).toMatchObject({
      due: [T0 + 60 * MINUTE, T0 + 120 * MINUTE],
      passed: { from: T0, until: T0, count: 1 },
    });
  });
  test('once: nothing that was missed by more than the window', () => {
    const daily = { ...minutely, cron: '0 12 * * *', catchUpWindow: 5 * MINUTE };
    expect(planDue(daily, T0, T0 + 6 * MINUTE)).toMatchObject({ due: [], passed: { count: 1 } });
    expect(planDue(daily, T0, T0 + 4 * MINUTE)).toMatchObject({ due: [T0], passed: null });
  });

  test('after any time, every due time is acted on or passed over, exactly once, in bounded looks', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('* * * * *', '*/7 * * * *', '30 2 * * *', '0 9 * * mon'),
        fc.constantFrom('skip', 'once', 'all'),
        fc.integer({ min: 0, max: 1300 * MINUTE }),
        fc.integer({ min: 0, max: 3 * DAY }),
        fc.integer({ min: 0, max: 5 * MINUTE }),
        (cron, catchUp, away, catchUpWindow, jitter) => {
          const schedule: PlannedSchedule = { ...minutely, cron, catchUp, catchUpWindow, jitter, timezone: 'Europe/Berlin' };
          const now = T0 + away;
          let next = firstDue(schedule, T0 - 1);
          let [acted, passed]: [number[], number] = [[], 0];
          for (let looks = 0; next !== null && next.at <= now; looks++) {
            expect(looks).toBeLessThan(60);
            const plan: SchedulePlan = planDue(schedule, next.due, now);
            acted = [...acted, ...plan.due];
            passed += plan.passed?.count ?? 0;
            expect(plan.next?.due).toBeGreaterThan(next.due);
            next = plan.next;
          }
          expect(acted).toEqual([...new Set(acted)].sort((a, b) => a - b));
          const until = next?.due ?? now;
          expect(acted.length + passed).toBe(timesBetween(schedule, T0, until, 1e6).times.length);
          if (catchUp !== 'all') expect(acted.length).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('overlap', () => {
  test.each([
    ['allow', 2, 0, { start: [1, 2], wait: [], skip: [], cancel: false }],
    ['skip', 0, 0, { start: [1], wait: [], skip: [2], cancel: false }],
    ['skip', 1, 0, { start: [], wait: [], skip: [1, 2], cancel: false }],
    ['queue', 0, 0, { start: [1], wait: [2], skip: [], cancel: false }],
    ['queue', 1, 5, { start: [], wait: [1, 2], skip: [], cancel: false }],
    ['queue', 1, 999, { start: [], wait: [1], skip: [2], cancel: false }],
    ['buffer_one', 0, 0, { start: [1], wait: [2], skip: [], cancel: false }],
    ['buffer_one', 1, 0, { start: [], wait: [1], skip: [2], cancel: false }],
    ['buffer_one', 1, 1, { start: [], wait: [], skip: [1, 2], cancel: false }],
    ['cancel_running', 0, 0, { start: [2], wait: [], skip: [1], cancel: false, replaceWaiting: true }],
    ['cancel_running', 3, 1, { start: [], wait: [2], skip: [1], cancel: true, replaceWaiting: true }],
  ] as const)('%s with %i under way and %i waiting', (policy, live, waiting, expected) => {
    expect(planOverlap(policy, [1, 2], live, waiting)).toMatchObject(expected);
  });
  test.each(OVERLAP_POLICIES)('%s: nothing due, nothing done', (policy) => {
    expect(planOverlap(policy, [], 1, 1)).toMatchObject({ start: [], wait: [], skip: [], cancel: false, replaceWaiting: false });
  });
});
