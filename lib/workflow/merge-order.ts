/**
 * The order of things (ids, keys) of which two sides made lists: all of base, mine and theirs, each once. Mine's order
 * counts; theirs where mine left the order as it was. What only the other side has stands behind what it follows there.
 */
export function mergeOrder(base: readonly string[], mine: readonly string[], theirs: readonly string[]): string[] {
  const first = keepsOrder(base, mine) && !keepsOrder(base, theirs) ? theirs : mine;
  const ordered = [...new Set(first)];
  for (const other of [first === mine ? theirs : mine, base]) insertMissing(ordered, other);
  return ordered;
}

function keepsOrder(base: readonly string[], list: readonly string[]): boolean {
  const has = new Set(list);
  const was = new Set(base);
  const kept = list.filter((id) => was.has(id));
  return base.filter((id) => has.has(id)).every((id, at) => kept[at] === id);
}

function insertMissing(ordered: string[], other: readonly string[]): void {
  const known = new Set(ordered);
  if (other.every((id) => known.has(id))) return;
  const followers = new Map<string | null, string[]>();
  let anchor: string | null = null;
  for (const id of new Set(other)) {
    if (known.has(id)) anchor = id;
    else followers.set(anchor, [...(followers.get(anchor) ?? []), id]);
  }
  const next = [...(followers.get(null) ?? []), ...ordered.flatMap((id) => [id, ...(followers.get(id) ?? [])])];
  ordered.splice(0, ordered.length, ...next);
}
