import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cronInWords, isTimeZone, jitterOf, nextTime, nextTimes, scheduleProblems, timesBetween } from './schedule-time.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

function next(cron: string, timezone: string, from: string, count = 3): string[] {
  return nextTimes({ cron, timezone }, Date.parse(from), count).map((at) => `${new Date(at).toISOString().slice(0, 16)}Z`);
}

describe('checklist #166: cron syntax', () => {
  test.each([
    ['* * * * *', ['2026-01-01T00:01Z', '2026-01-01T00:02Z']],
    ['*/20 * * * *', ['2026-01-01T00:20Z', '2026-01-01T00:40Z']],
    ['5,10 3-4 * * *', ['2026-01-01T03:05Z', '2026-01-01T03:10Z']],
    ['0 8-20/6 * * *', ['2026-01-01T08:00Z', '2026-01-01T14:00Z']],
    ['0 0 * * 0', ['2026-01-04T00:00Z', '2026-01-11T00:00Z']],
    ['0 0 * * 7', ['2026-01-04T00:00Z', '2026-01-11T00:00Z']],
    ['0 0 * * SUN', ['2026-01-04T00:00Z', '2026-01-11T00:00Z']],
    ['0 0 * * sat-sun', ['2026-01-03T00:00Z', '2026-01-04T00:00Z']],
    ['0 9 * * mon-fri', ['2026-01-01T09:00Z', '2026-01-02T09:00Z', '2026-01-05T09:00Z']],
    ['0 0 1 jan,Jul *', ['2026-07-01T00:00Z', '2027-01-01T00:00Z']],
    ['0 0 29 2 *', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    ['0 0 l * *', ['2026-01-31T00:00Z', '2026-02-28T00:00Z']],
    ['0 0 * * mon#2', ['2026-01-12T00:00Z', '2026-02-09T00:00Z']],
    // Day of month and day of week together: either.
    ['0 0 13 * fri', ['2026-01-02T00:00Z', '2026-01-09T00:00Z', '2026-01-13T00:00Z', '2026-01-16T00:00Z']],
  ])('%s', (cron, expected) => {
    expect(next(cron, 'UTC', '2026-01-01T00:00:00Z', expected.length)).toEqual(expected);
    expect(scheduleProblems({ cron, timezone: 'UTC' }, NOW)).toEqual([]);
  });

  test.each([
    ['', 'five fields'],
    ['* * * *', 'this one has 4'],
    ['* * * * * *', 'this one has 6'],
    ['60 * * * *', "minute: '60'"],
    ['-1 * * * *', "minute: ''"],
    ['* 24 * * *', "hour: '24'"],
    ['* * 0 * *', "day of month: '0'"],
    ['* * 32 * *', "day of month: '32'"],
    ['* * * 13 *', "month: '13'"],
    ['* * * foo *', 'or jan to dec'],
    ['* * * * 8', "day of week: '8'"],
    ['* * * * monday', "day of week: 'monday'"],
    ['5-1 * * * *', 'ends before it begins'],
    ['*/0 * * * *', 'the step'],
    ['*/x * * * *', 'the step'],
    ['*/90 * * * *', 'the step'],
    ['5/15 * * * *', 'a step needs a range'],
    ['1,,2 * * * *', 'empty place'],
    ['1-2-3 * * * *', 'is no range'],
    ['*/5/5 * * * *', 'more than one step'],
    ['* * * * mon#6', 'should be like mon#2'],
    ['@daily', 'this one has 1'],
    ['a b c d e', "minute: 'a'"],
    [`0 0 1 1 ${'1,'.repeat(200)}1`, 'at most'],
    ['0 0 30 2 *', 'never fire'],
    ['0 0 31 feb,apr,jun *', 'never fire'],
  ])('%s is refused', (cron, part) => {
    const problems = scheduleProblems({ cron, timezone: 'UTC' }, NOW);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.path).toBe('/cron_expression');
    expect(problems[0]?.message).toContain(part);
  });
});

describe('checklist #167: time zone', () => {
  test.each(['UTC', 'Europe/Berlin', 'America/New_York', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata'])('%s is known', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });
  test.each(['', 'Mars/Olympus', '+02:00', 'Europe/Berlin ', 'Local', '2'])("'%s' is refused", (timezone) => {
    expect(scheduleProblems({ cron: '0 9 * * *', timezone }, NOW)).toMatchObject([{ path: '/timezone', code: 'unknown_timezone' }]);
  });
  test('a time of day is the zone’s, in summer and in winter', () => {
    expect(next('0 9 * * *', 'Asia/Kolkata', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T03:30Z']);
    expect(next('0 9 * * *', 'America/New_York', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T14:00Z']);
    expect(next('0 9 * * *', 'America/New_York', '2026-07-01T00:00:00Z', 1)).toEqual(['2026-07-01T13:00Z']);
  });
});

describe('checklist #168: a time inside the missing hour is due once, right after the jump', () => {
  test.each([
    ['Europe/Berlin', '30 2 * * *', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:30Z']],
    ['Europe/Berlin', '*/15 2 * * *', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:00Z']],
    ['Europe/Berlin', '30 2,14 * * *', '2026-03-28T14:00Z', ['2026-03-29T01:00Z', '2026-03-29T12:30Z']],
    // What is due at the jump anyway is due once.
    ['Europe/Berlin', '0 2,3 * * *', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:00Z']],
    ['Europe/Berlin', '0 */2 * * *', '2026-03-28T23:30Z', ['2026-03-29T01:00Z', '2026-03-29T02:00Z']],
    ['America/New_York', '30 2 * * *', '2026-03-07T12:00Z', ['2026-03-08T07:00Z', '2026-03-09T06:30Z']],
    // Half an hour is missing.
    ['Australia/Lord_Howe', '15 2 * * *', '2026-10-03T12:00Z', ['2026-10-03T15:30Z', '2026-10-04T15:15Z']],
    ['Australia/Lord_Howe', '45 2 * * *', '2026-10-03T12:00Z', ['2026-10-03T15:45Z', '2026-10-04T15:45Z']],
    // Midnight is missing.
    ['Africa/Cairo', '0 0 * * *', '2026-04-23T12:00Z', ['2026-04-23T22:00Z', '2026-04-24T21:00Z']],
    ['Africa/Cairo', '30 0 * * fri', '2026-04-22T12:00Z', ['2026-04-23T22:00Z', '2026-04-30T21:30Z']],
    ['America/Havana', '0 0 8 3 *', '2026-03-01T12:00Z', ['2026-03-08T05:00Z', '2027-03-08T05:00Z']],
    ['Asia/Beirut', '15 0 * * *', '2026-03-28T12:00Z', ['2026-03-28T22:00Z', '2026-03-29T21:15Z']],
  ])('%s %s', (timezone, cron, from, expected) => {
    expect(next(cron, timezone, from, expected.length)).toEqual(expected);
  });
  test('every-hour patterns go on in real time', () => {
    expect(next('0 * * * *', 'Europe/Berlin', '2026-03-28T23:30Z')).toEqual([
      '2026-03-29T00:00Z',
      '2026-03-29T01:00Z',
      '2026-03-29T02:00Z',
    ]);
    expect(next('*/30 * * * *', 'Europe/Berlin', '2026-03-29T00:15Z')).toEqual([
      '2026-03-29T00:30Z',
      '2026-03-29T01:00Z',
      '2026-03-29T01:30Z',
    ]);
  });
});

describe('checklist #169: a time inside the repeated hour is due once; every-hour patterns are due each real hour', () => {
  test.each([
    ['Europe/Berlin', '30 2 * * *', '2026-10-24T12:00Z', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
    ['Europe/Berlin', '0,30 2 * * *', '2026-10-24T12:00Z', ['2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-26T01:00Z']],
    ['Europe/Berlin', '0 */2 * * *', '2026-10-24T22:30Z', ['2026-10-25T00:00Z', '2026-10-25T03:00Z']],
    ['Europe/Berlin', '30 * * * *', '2026-10-24T23:45Z', ['2026-10-25T00:30Z', '2026-10-25T01:30Z', '2026-10-25T02:30Z']],
    ['Europe/Berlin', '0 0-23 * * *', '2026-10-24T23:30Z', ['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z']],
    ['America/New_York', '30 1 * * *', '2026-10-31T12:00Z', ['2026-11-01T05:30Z', '2026-11-02T06:30Z']],
    ['Australia/Lord_Howe', '45 1 * * *', '2026-04-04T12:00Z', ['2026-04-04T14:45Z', '2026-04-05T15:15Z']],
    ['America/Havana', '30 0 * * *', '2026-10-31T12:00Z', ['2026-11-01T04:30Z', '2026-11-02T05:30Z']],
    ['America/Havana', '0 */12 * * *', '2026-11-01T01:00Z', ['2026-11-01T04:00Z', '2026-11-01T17:00Z']],
  ])('%s %s', (timezone, cron, from, expected) => {
    expect(next(cron, timezone, from, expected.length)).toEqual(expected);
  });
  test('asked between the two, a time that was due the first time is due tomorrow', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:45Z', 1)).toEqual(['2026-10-26T01:30Z']);
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-25T01:15Z', 1)).toEqual(['2026-10-26T01:30Z']);
  });
});

/** The rule once more, minute by minute, with nothing but what the zone's clock shows. */
function slowly(minute: number, hour: number | null, timezone: string, from: number, until: number): number[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hour: '2-digit',
    minute: '2-digit',
    day: '2-digit',
    hourCycle: 'h23',
  });
  const clock = (at: number) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    return { day: part.day ?? 0, minutes: (part.hour ?? 0) * 60 + (part.minute ?? 0) };
  };
  const due: number[] = [];
  const doneOn = new Set<number>();
  const wanted = (hour ?? 0) * 60 + minute;
  let before = clock(from);
  for (let at = from + 60_000; at < until; at += 60_000) {
    const shown = clock(at);
    if (hour === null) {
      if (shown.minutes % 60 === minute) due.push(at);
    } else if (!doneOn.has(shown.day)) {
      const jumped = shown.day === before.day && before.minutes < wanted && wanted < shown.minutes;
      const jumpedMidnight = shown.day !== before.day && wanted < shown.minutes;
      if (shown.minutes === wanted || jumped || jumpedMidnight) {
        due.push(at);
        doneOn.add(shown.day);
      }
    }
    before = shown;
  }
  return due;
}

test('checklist #168 #169: around real transitions the arithmetic agrees with a clock that is watched', () => {
  const transitions: [string, string][] = [
    ['Europe/Berlin', '2026-03-29T01:00Z'],
    ['Europe/Berlin', '2026-10-25T01:00Z'],
    ['America/New_York', '2026-03-08T07:00Z'],
    ['America/New_York', '2026-11-01T06:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
    ['America/Havana', '2026-03-08T05:00Z'],
    ['Africa/Cairo', '2026-04-23T22:00Z'],
    ['America/St_Johns', '2026-11-01T04:30Z'],
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...transitions),
      fc.integer({ min: 0, max: 59 }),
      fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 4 }), fc.integer({ min: 23, max: 23 })),
      ([timezone, at], minute, hour) => {
        const middle = Date.parse(at);
        const [from, until] = [middle - 16 * 3_600_000, middle + 16 * 3_600_000];
        const cron = `${minute} ${hour ?? '*'} * * *`;
        const { times } = timesBetween({ cron, timezone }, from + 1, until, 100);
        // What was due before the window began may be due again in it only by the watcher's account.
        expect(times).toEqual(slowly(minute, hour, timezone, from, until).filter((due) => due > from));
      },
    ),
    { numRuns: 60 },
  );
});

test('checklist #174: the next N times, in order, after the start', () => {
  expect(next('0 12 1 * *', 'UTC', '2026-01-01T12:00:00Z', 3)).toEqual(['2026-02-01T12:00Z', '2026-03-01T12:00Z', '2026-04-01T12:00Z']);
  expect(nextTime({ cron: '0 12 1 * *', timezone: 'UTC' }, Date.parse('2026-01-01T11:59:59.999Z'))).toBe(Date.parse('2026-01-01T12:00Z'));
});

test('a range of times is cut where it is too long, and says so', () => {
  const hour = { cron: '* * * * *', timezone: 'UTC' };
  expect(timesBetween(hour, NOW, NOW + 3_600_000, 100)).toMatchObject({ more: false });
  expect(timesBetween(hour, NOW, NOW + 3_600_000, 100).times).toHaveLength(60);
  expect(timesBetween(hour, NOW, NOW + 3_600_000, 59)).toMatchObject({ more: true });
});

test('words', () => {
  expect(cronInWords('30 9 * * mon-fri')).toBe('At 09:30, Monday through Friday');
  expect(cronInWords('0 0 13 * fri')).toBe('At 00:00, on day 13 of the month, or on Friday');
  expect(cronInWords('x')).toContain('five fields');
});

test('jitter is the same each time, spreads, and stays before the next due time', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 86_400_000 }), (id, minutes, jitter) => {
      const due = minutes * 60_000;
      const found = jitterOf(id, due, jitter, due + 60_000);
      expect(found).toBe(jitterOf(id, due, jitter, due + 60_000));
      expect(found).toBeGreaterThanOrEqual(0);
      expect(found).toBeLessThan(Math.max(1, Math.min(jitter, 60_000)));
    }),
  );
  const spread = new Set(Array.from({ length: 100 }, (_, i) => Math.floor(jitterOf('sched_1', i * 60_000, 10_000, null) / 1000)));
  expect(spread.size).toBe(10);
});
