import { RUN_LOOK } from '#components/ui/status.ts';
import type { StepNode } from './to-flow.ts';

/** The real colour of a card: its status in a run, its change in a difference, else the card's own border. */
export function nodeColor({ data }: Pick<StepNode, 'data'>): string {
  if (data.run !== null && data.run !== 'unreached' && data.run.status !== 'pending')
    return `var(--status-${RUN_LOOK[data.run.status].tone})`;
  if (data.diff !== null && data.diff.kind !== 'unchanged') return `var(--diff-${data.diff.kind})`;
  return 'var(--line-3)';
}
