import { describe, expect, it } from 'vitest';
import { tableMarkdown } from './performance-table.ts';
import { joined, type Kept } from './results-file.ts';
import { margin, type Result, resultsOf } from './rows.ts';
import { median, percentile } from './statistics.ts';

const result = (row: Result['row'], value: number, ratio: number | null = null): Result => ({
  ...{ row, ratio, values: [value], median: value, low: value, high: value },
});

describe('what a round gives becomes a result', () => {
  it('with the median and both ends of its rounds, and the median of the ratios', () => {
    const samples = [3, 1, 10].map((value, index) => ({ row: 'engine.runs', value, ratio: [0.5, 0.1, 0.2][index] ?? 0 }) as const);
    expect(resultsOf([...samples, { row: 'raw.http', value: 7 }])).toEqual([
      { row: 'raw.http', values: [7], median: 7, low: 7, high: 7, ratio: null },
      { row: 'engine.runs', values: [3, 1, 10], median: 3, low: 1, high: 10, ratio: 0.2 },
    ]);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect([0.5, 0.99].map((share) => percentile([5, 1, 4, 2, 3], share))).toEqual([3, 5]);
  });

  it('is held against its bar from the right side, and against its share of the machine', () => {
    expect(margin(result('engine.finished', 2))).toBe(2);
    expect(margin(result('engine.runs', 5000))).toBe(0.5);
    expect(margin(result('engine.steps', 120_000, 0.25))).toBe(0.5);
    expect(margin(result('raw.http', 1))).toBeNull();
    const table = tableMarkdown([result('engine.finished', 2), result('engine.runs', 5000, 0.16)]);
    expect(table).toContain('| ≤ 4 ms | yes, 2.0 × better |');
    expect(table).toContain('| 16 % of raw inserts | ≥ 10,000 runs/s | no, by 100 % |');
  });
});

describe('the parts of one run', () => {
  const machine = { cores: 2, model: 'm', memoryGb: 1, system: 's', node: 'n', postgres: 'p' };
  const part = (more: Partial<Kept>): Kept => ({
    ...{ at: '2026-01-01', source: 'abc', machine, mode: 'full', rounds: 5, seconds: 10, samples: [] },
    ...more,
  });

  it('are one with the samples of all, as complete as the least of them', () => {
    const samples = [{ row: 'raw.http', value: 1 }] as const;
    const both = joined([part({ samples }), part({ at: '2026-01-02', mode: 'quick', rounds: 2, samples })]);
    expect(both).toMatchObject({ at: '2026-01-02', mode: 'quick', rounds: 2, seconds: 20, samples: [...samples, ...samples] });
  });

  it('are refused where they measured different sources or machines', () => {
    expect(() => joined([part({}), part({ source: 'def' })])).toThrow('abc');
    expect(() => joined([part({}), part({ machine: { ...machine, cores: 4 } })])).toThrow('different machines');
  });
});
