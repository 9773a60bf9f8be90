import type { Definition } from '#lib/workflow/definition.ts';
import { diffDefinitions } from '#lib/workflow/diff.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';

/** What somebody else's save changed in the document that is open here. */
export function mergedSentence(by: string, me: string, before: Definition, after: Definition, catalog: StepCatalog): string {
  const { summary } = diffDefinitions(before, after, catalog);
  const what = summary.charAt(0).toLowerCase() + summary.slice(1);
  return `${whoSaved(by, me)} changed this draft: ${what}. It is in your canvas now.`;
}

/** A person in two tabs is not somebody else. */
export function whoSaved(by: string, me: string): string {
  return by === me ? 'You, in another tab or browser,' : by;
}
