import { number } from './performance-table.ts';
import { margin, type Result, specOf } from './rows.ts';

/** All in the chart's own units, which are pixels at its natural size. */
const WIDTH = 960;
const LABEL = 448;
const VALUE = 150;
const ROW = 26;
const TOP = 56;
const BAR = 10;
/** The scale ends here on both sides of the bar: a tenth and a hundred times. */
const LEAST = 0.1;
const MOST = 100;
const TICKS = [
  { at: 0.1, text: '÷ 10' },
  { at: 1, text: 'bar' },
  { at: 10, text: '× 10' },
  { at: 100, text: '× 100' },
];

/** The product's own colors, as in app/globals.css: a picture beside a text cannot take them from there. */
const STYLE = `
  svg { background: #ffffff; font: 13px Geist, system-ui, sans-serif; }
  .title { fill: #16181e; font-weight: 600; font-size: 14px; } .text { fill: #494d55; } .value { fill: #16181e; font-variant-numeric: tabular-nums; }
  .tick { fill: #61656d; font-size: 11px; } .line { stroke: #e3e4e8; } .bar { stroke: #80838b; }
  .met { fill: #006f6f; } .missed { fill: #bc191d; }
  @media (prefers-color-scheme: dark) {
    svg { background: #191b1f; }
    .title, .value { fill: #edeef1; } .text { fill: #b1b4bb; } .tick { fill: #969aa1; } .line { stroke: #282a2f; } .bar { stroke: #70747d; }
    .met { fill: #4ad1d1; } .missed { fill: #fe7c75; }
  }`;

/** Each row that has a bar, as how many times better than it (to the right) or worse; logarithmic. */
export function chartSvg(results: readonly Result[]): string {
  const shown = results.flatMap((result) => {
    const by = margin(result);
    return by === null ? [] : [{ result, by }];
  });
  const height = TOP + shown.length * ROW + 16;
  const from = LABEL;
  const to = WIDTH - VALUE;
  const x = (by: number): number => {
    const share = Math.log(Math.min(MOST, Math.max(LEAST, by)) / LEAST) / Math.log(MOST / LEAST);
    return Math.round(from + share * (to - from));
  };
  const ticks = TICKS.map(
    ({ at, text }) =>
      `<line class="${at === 1 ? 'bar' : 'line'}" x1="${x(at)}" x2="${x(at)}" y1="${TOP - 8}" y2="${height - 12}"/>` +
      `<text class="tick" x="${x(at)}" y="${TOP - 14}" text-anchor="middle">${text}</text>`,
  );
  const rows = shown.map(({ result, by }, index) => {
    const { title, unit } = specOf(result.row);
    const y = TOP + index * ROW + ROW / 2;
    const [left, right] = [Math.min(x(1), x(by)), Math.max(x(1), x(by))];
    return (
      `<text class="text" x="${from - 12}" y="${y + 4}" text-anchor="end">${escaped(title)}</text>` +
      `<rect class="${by >= 1 ? 'met' : 'missed'}" x="${left}" y="${y - BAR / 2}" width="${Math.max(2, right - left)}" height="${BAR}" rx="2"/>` +
      `<text class="value" x="${WIDTH - 16}" y="${y + 4}" text-anchor="end">${number(result.median)} ${escaped(unit)}</text>`
    );
  });
  const name = 'How far each figure is from its bar';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${name}">`,
    `<style>${STYLE}\n</style>`,
    `<text class="title" x="16" y="26">${name}: to the right is better</text>`,
    ...ticks,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('`', '');
}
