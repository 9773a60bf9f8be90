import { tableMarkdown } from './performance-table.ts';
import { type Kept, resultsIn } from './results-file.ts';

const BEGIN = '<!-- made by bench/report.ts: begin -->';
const END = '<!-- made by bench/report.ts: end -->';

/** The page with what was measured in place of what stood there. The rest of it is written by hand. */
export function withReport(page: string, kept: Kept): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from === -1 || to < from) throw new Error('The page has no place for the report');
  return `${page.slice(0, from + BEGIN.length)}\n\n${reportOf(kept)}\n\n${page.slice(to)}`;
}

function reportOf(kept: Kept): string {
  const { machine, at, source, rounds, mode, seconds } = kept;
  const how = `${mode === 'full' ? 'A full run' : 'A quick run'} of ${rounds} rounds on ${at.slice(0, 10)}, commit ${source}, ${minutes(seconds)}.`;
  const where = `${machine.cores} cores (${machine.model}), ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}, PostgreSQL ${machine.postgres}.`;
  return [`${how} The machine: ${where}`, '![How far each figure is from its bar](performance.svg)', tableMarkdown(resultsIn(kept))].join(
    '\n\n',
  );
}

function minutes(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${(seconds / 60).toFixed(1)} minutes`;
}
