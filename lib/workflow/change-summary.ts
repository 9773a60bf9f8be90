import type { DefinitionDiff, StepChange } from './diff.ts';

/** A summary longer than this says less than the counts do. */
const MAX_LENGTH = 120;

/** What changed in the words of somebody who did it, as a suggestion: `Add Send it; change URL of Fetch users`. */
export function suggestedSummary(diff: DefinitionDiff, nameOf: (id: string) => string): string {
  if (diff.isEmpty || diff.layoutOnly) return diff.summary;
  const settings = diff.workflow.map((field) => field.label.split(' › ')[0]?.toLowerCase() ?? '');
  const parts = [
    ...listed(
      'Add',
      diff.added.map((step) => step.name ?? step.id),
    ),
    ...listed(
      'Remove',
      diff.removed.map((step) => step.name ?? step.id),
    ),
    ...diff.renamed.map(({ from, to }) => `Rename ${from} to ${to}`),
    ...diff.changed.flatMap((change) => changed(change, nameOf(change.id))),
    ...listed('Set', [...new Set(settings)]),
  ];
  const text = parts.map((part, at) => (at === 0 ? part : part.charAt(0).toLowerCase() + part.slice(1))).join('; ');
  return text === '' || text.length > MAX_LENGTH ? diff.summary : text;
}

function listed(verb: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  return [`${verb} ${names.length < 3 ? names.join(' and ') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`}`];
}

function changed({ fields, edgesAdded, edgesRemoved, renamedFrom }: StepChange, name: string): string[] {
  const named = fields.find((field) => field.label === 'Name');
  if (named !== undefined && fields.length === 1) return [`Rename ${String(named.before ?? name)} to ${String(named.after ?? name)}`];
  const words = [...new Set(fields.map((field) => field.label.split(' › ').at(-1) ?? ''))];
  const wired = edgesAdded.length + edgesRemoved.length > 0;
  if (words.length === 0) return wired ? [`Rewire ${name}`] : renamedFrom === null ? [`Change ${name}`] : [];
  return [words.length > 2 ? `Change ${name}` : `Change ${words.join(' and ')} of ${name}`];
}
