import { bitSets } from './bit-sets.ts';

/** Which steps come before which, as read off a graph without cycles. */
export interface Precedence {
  /** The members, each after all that come before it. */
  inOrder(members: readonly number[]): number[];
  isBefore(earlier: number, later: number): boolean;
  /** Splits members into groups of which each comes wholly before the next; as many groups as there can be. */
  series(members: readonly number[]): number[][];
  /** Splits members into groups without any order between them. */
  parallel(members: readonly number[]): number[][];
  /** For each member, in order: how many others the longest chain that leads to it has. */
  rows(members: readonly number[]): Map<number, number>;
}

/** `order` holds every step after those before it; `before` names the direct ones. */
export function precedence(order: readonly number[], before: readonly (readonly number[])[]): Precedence {
  const place = new Int32Array(before.length);
  for (const [at, step] of order.entries()) place[step] = at;
  const ancestors = bitSets(before.length);
  for (const step of order) {
    for (const source of before[step] ?? []) {
      ancestors.addAll(step, source);
      ancestors.add(step, source);
    }
  }
  const inOrder = (members: readonly number[]): number[] => [...members].sort((a, b) => (place[a] ?? 0) - (place[b] ?? 0));

  function series(members: readonly number[]): number[][] {
    const counted = members.map((step) => {
      let count = 0;
      for (const other of members) if (ancestors.has(step, other)) count += 1;
      return { step, count };
    });
    counted.sort((a, b) => a.count - b.count || (place[a.step] ?? 0) - (place[b.step] ?? 0));
    // The first k come wholly before the others exactly where the next one has k before it: the least of the others has
    // none of the others before it, so those k are the first ones.
    const groups: number[][] = [];
    for (const [at, { step, count }] of counted.entries()) {
      if (count >= at) groups.push([step]);
      else groups.at(-1)?.push(step);
    }
    return groups.map(inOrder);
  }

  function parallel(members: readonly number[]): number[][] {
    const ordered = inOrder(members);
    const group = new Map(ordered.map((step) => [step, step]));
    const rootOf = (step: number): number => {
      let root = step;
      while (group.get(root) !== root) root = group.get(root) ?? root;
      group.set(step, root);
      return root;
    };
    for (const [at, later] of ordered.entries()) {
      for (let index = 0; index < at; index += 1) {
        const earlier = ordered[index] ?? later;
        if (ancestors.has(later, earlier)) group.set(rootOf(later), rootOf(earlier));
      }
    }
    const groups = new Map<number, number[]>();
    for (const step of ordered) {
      const root = rootOf(step);
      const members = groups.get(root);
      if (members === undefined) groups.set(root, [step]);
      else members.push(step);
    }
    return [...groups.values()];
  }

  function rows(members: readonly number[]): Map<number, number> {
    const inside = new Set(members);
    const found = new Int32Array(before.length);
    for (const step of order) {
      for (const source of before[step] ?? []) {
        found[step] = Math.max(found[step] ?? 0, (found[source] ?? 0) + (inside.has(source) ? 1 : 0));
      }
    }
    return new Map(inOrder(members).map((step) => [step, found[step] ?? 0]));
  }

  return { inOrder, isBefore: (earlier, later) => ancestors.has(later, earlier), series, parallel, rows };
}
