/** Characters that a step id may have. */
const MAX_ID = 128;

/**
 * The id that a node has in the definition where its author gave none: `<slug of the workflow's name>:<index>`. It stays the
 * same as long as the name and the place do.
 */
export function defaultNodeId(workflowName: string, index: number): string {
  const suffix = `:${index}`;
  const slug = workflowName
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_ID - suffix.length)
    .replace(/^-+|-+$/g, '');
  return `${slug === '' ? 'workflow' : slug}${suffix}`;
}
