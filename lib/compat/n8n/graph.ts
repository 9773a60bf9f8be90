import type { N8nEdge, N8nNode } from './workflow-file.ts';

/** The nodes of one level, the workflow or the inside of a loop, and what connects them. */
export interface Level {
  readonly nodes: ReadonlySet<string>;
  readonly edges: readonly N8nEdge[];
}

export function edgesByStart(edges: readonly N8nEdge[]): Map<string, N8nEdge[]> {
  const found = new Map<string, N8nEdge[]>();
  for (const edge of edges) {
    const known = found.get(edge.from);
    if (known) known.push(edge);
    else found.set(edge.from, [edge]);
  }
  return found;
}

/** The output of a loop node that leads into what it repeats: they changed places in version 3. */
export function loopOutput(node: N8nNode): number {
  return node.version >= 3 ? 1 : 0;
}

/**
 * What a loop node repeats: all that its output leads to before it comes back. Null where that is no inside: nothing there,
 * or other ways lead in or out.
 */
export function loopBody(node: N8nNode, { edges }: Level): ReadonlySet<string> | null {
  const after = edgesByStart(edges);
  const output = loopOutput(node);
  const body = new Set<string>();
  const open = (after.get(node.name) ?? []).flatMap((edge) => (edge.output === output ? [edge.to] : []));
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === node.name || body.has(name)) continue;
    body.add(name);
    for (const edge of after.get(name) ?? []) open.push(edge.to);
  }
  if (body.size === 0) return null;
  const clean = edges.every(({ from, to, output: leaving }) => {
    if (body.has(to)) return body.has(from) || (from === node.name && leaving === output);
    return true;
  });
  return clean ? body : null;
}

/** The edges of a level without those that lead back, each found by a walk from the first nodes on; and those. */
export function withoutCycles(names: readonly string[], edges: readonly N8nEdge[]): { forward: N8nEdge[]; back: N8nEdge[] } {
  const after = edgesByStart(edges);
  const state = new Map<string, 'open' | 'done'>();
  const back = new Set<N8nEdge>();
  const entered = new Set(edges.map(({ to }) => to));
  // Where nothing leads in, first: what leads back is then what a person would call so.
  for (const start of [...names.filter((name) => !entered.has(name)), ...names]) {
    if (state.has(start)) continue;
    const stack = [{ name: start, next: 0 }];
    state.set(start, 'open');
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const edge = after.get(top.name)?.[top.next];
      top.next += 1;
      if (edge === undefined) {
        state.set(top.name, 'done');
        stack.pop();
      } else if (state.get(edge.to) === 'open') back.add(edge);
      else if (!state.has(edge.to)) {
        state.set(edge.to, 'open');
        stack.push({ name: edge.to, next: 0 });
      }
    }
  }
  return { forward: edges.filter((edge) => !back.has(edge)), back: [...back] };
}
