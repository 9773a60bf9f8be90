/** How well a node came over. */
export type NodeResult = 'translated' | 'approximated' | 'review' | 'placeholder' | 'dropped';

/** What became of one node, and why. */
export interface ReportRow {
  readonly node: string;
  readonly type: string;
  /** The step it became, where it became one. */
  readonly step: string | null;
  readonly result: NodeResult;
  readonly reasons: readonly string[];
}

const WEIGHT: readonly NodeResult[] = ['translated', 'dropped', 'approximated', 'review', 'placeholder'];

/** Collects the rows; what is worst about a node is its result. */
export class ReportBook {
  private readonly rows = new Map<string, { type: string; step: string | null; result: NodeResult; reasons: string[] }>();

  begin(node: string, type: string, step: string | null): void {
    this.rows.set(node, { type, step, result: 'translated', reasons: [] });
  }

  say(node: string, result: NodeResult, reason: string): void {
    const row = this.rows.get(node) ?? { type: '', step: null, result: 'translated', reasons: [] };
    this.rows.set(node, row);
    if (WEIGHT.indexOf(result) > WEIGHT.indexOf(row.result)) row.result = result;
    if (!row.reasons.includes(reason)) row.reasons.push(reason);
  }

  list(): ReportRow[] {
    return [...this.rows].map(([node, row]) => ({ node, ...row }));
  }
}
