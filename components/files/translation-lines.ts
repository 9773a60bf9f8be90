import type { NodeResult, ReportRow } from '#lib/compat/n8n/report.ts';

const WORDS: Readonly<Record<NodeResult, string>> = {
  placeholder: 'No such step',
  review: 'To review',
  approximated: 'Nearly the same',
  dropped: 'Not needed',
  translated: 'Translated',
};

/** What became of the nodes, in one line of counts. */
export function translationSummary(report: readonly ReportRow[]): string {
  const parts = (Object.keys(WORDS) as NodeResult[]).flatMap((result) => {
    const count = report.filter((row) => row.result === result).length;
    return count === 0 ? [] : [`${count} ${WORDS[result].toLowerCase()}`];
  });
  const nodes = report.length === 1 ? '1 node' : `${report.length} nodes`;
  return `${nodes} of n8n: ${parts.join(', ')}. Steps run once here, not once for each item: put what should be repeated into a loop.`;
}

/** A line for every node, those first that somebody has to look at. */
export function translationLines(report: readonly ReportRow[]): { line: null; path: string; message: string }[] {
  const order = Object.keys(WORDS);
  return report
    .toSorted((a, b) => order.indexOf(a.result) - order.indexOf(b.result))
    .map(({ node, result, reasons }) => ({ line: null, path: node, message: [WORDS[result], ...reasons].join(' · ') }));
}
