import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chartSvg } from './performance-chart.ts';
import { withReport } from './performance-page.ts';
import { joined, type Kept, keptText, readKept, resultsIn } from './results-file.ts';

const DOCS = join(import.meta.dirname, '..', 'docs');
const PAGE = join(DOCS, 'performance.md');

/**
 * `node bench/report.ts <results file> …` writes what was measured into docs/performance.md, with its chart and its samples
 * beside it; several files are the parts of one run. Without a file it makes the page anew from the samples that are there.
 */
async function main(files: readonly string[]): Promise<void> {
  const kept: Kept = joined(await Promise.all((files.length > 0 ? files : [join(DOCS, 'performance.json')]).map(readKept)));
  await writeFile(join(DOCS, 'performance.json'), keptText(kept));
  await writeFile(join(DOCS, 'performance.svg'), chartSvg(resultsIn(kept)));
  await writeFile(PAGE, withReport(await readFile(PAGE, 'utf8'), kept));
}

await main(process.argv.slice(2));
