import { margin, type Result, specOf } from './rows.ts';

/** The results for a terminal. */
export function tableText(results: readonly Result[]): string {
  const rows = results.map((result) => cellsOf(result));
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The results as a Markdown table. */
export function tableMarkdown(results: readonly Result[]): string {
  const lines = [HEADINGS, HEADINGS.map(() => '---'), ...results.map((result) => cellsOf(result))];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

const HEADINGS = ['what', 'median', 'lowest – highest', 'against the machine', 'bar', 'met'];

function cellsOf(result: Result): string[] {
  const { title, unit, bar, ratioBar, limit } = specOf(result.row);
  const wanted = bar === undefined ? '' : `${bar.is === 'most' ? '≤' : '≥'} ${number(bar.value)} ${unit}`;
  return [
    title,
    `${number(result.median)} ${unit}`,
    `${number(result.low)} – ${number(result.high)}`,
    result.ratio === null || limit === undefined ? '' : RATIO_TEXT[limit](result.ratio),
    ratioBar === undefined ? wanted : `${wanted}, ${ratioBar * 100} % of raw`,
    metText(margin(result)),
  ];
}

const RATIO_TEXT: Record<NonNullable<ReturnType<typeof specOf>['limit']>, (ratio: number) => string> = {
  journal: (ratio) => `${(ratio * 100).toFixed(0)} % of raw inserts`,
  commit: (ratio) => `${ratio.toFixed(1)} × one commit`,
  http: (ratio) => `${(ratio * 100).toFixed(0)} % of bare HTTP`,
};

function metText(by: number | null): string {
  if (by === null) return '';
  return by >= 1 ? `yes, ${by.toFixed(1)} × better` : `no, by ${((1 / by - 1) * 100).toFixed(0)} %`;
}

/** Three digits that say something; whole numbers from a hundred on, with commas. */
export function number(value: number): string {
  if (value >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en');
  return value.toFixed(value < 10 ? 2 : 1);
}
