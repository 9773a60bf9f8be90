import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chartSvg } from './performance-chart.ts';
import { withReport } from './performance-page.ts';
import { type Kept, keptText, resultsIn } from './results-file.ts';
import { ROWS, type RowId } from './rows.ts';

const DOCS = join(import.meta.dirname, '..', 'docs');
const read = (file: string): string => readFileSync(join(DOCS, file), 'utf8');
const kept = JSON.parse(read('performance.json')) as Kept;

it('shows in the docs what was measured, made from the samples beside it and not by hand', () => {
  expect(withReport(read('performance.md'), kept)).toBe(read('performance.md'));
  expect(chartSvg(resultsIn(kept))).toBe(read('performance.svg'));
  expect(keptText(kept)).toBe(read('performance.json'));
});

it('has a figure for every row, but for the start that needs the network', () => {
  const network: RowId[] = ['start.cold'];
  const measured = new Set(kept.samples.map((sample) => sample.row));
  expect((Object.keys(ROWS) as RowId[]).filter((row) => !measured.has(row) && !network.includes(row))).toEqual([]);
});

it('draws met and missed bars on their own sides, in the colors of both themes', () => {
  const one = (row: RowId, median: number) => ({ row, values: [median], median, low: median, high: median, ratio: null });
  const svg = chartSvg([one('engine.finished', 2), one('engine.runs', 5000), one('raw.http', 1)]);
  const bars = [...svg.matchAll(/<rect class="(\w+)" x="(\d+)"[^>]*width="(\d+)"/g)].map(([, kind, x, width]) => ({
    kind,
    x: Number(x),
    width: Number(width),
  }));
  const middle = Number(/<line class="bar" x1="(\d+)"/.exec(svg)?.[1]);
  expect(bars).toHaveLength(2);
  expect(bars[0]).toMatchObject({ kind: 'met', x: middle });
  expect(bars[1]?.kind).toBe('missed');
  expect((bars[1]?.x ?? 0) + (bars[1]?.width ?? 0)).toBe(middle);
  expect(svg).toContain('prefers-color-scheme: dark');
});
