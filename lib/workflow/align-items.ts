import { canonicalJson, isJsonObject, type Json } from '#lib/base/json.ts';

/** Which item of one list is which of another. */
export interface Alignment {
  /** Pairs of indices `[before, after]`, ascending by `after`. */
  readonly pairs: readonly (readonly [number, number])[];
  /** Indices in `before` of paired items whose order among themselves is the same in both: they need no move. */
  readonly stays: ReadonlySet<number>;
}

/** Above this many comparisons the common part of two lists without ids is not searched: 2,000 items each way, 15 ms. */
const MAX_COMPARISONS = 4_000_000;

/** Items with ids are matched by id, then (renamed) by equal content; others by the longest common part. */
export function alignItems(before: readonly Json[], after: readonly Json[]): Alignment {
  const ids = idsOf(before);
  const nextIds = idsOf(after);
  const pairs = ids !== null && nextIds !== null ? pairsById(before, after, ids, nextIds) : pairsByContent(before, after);
  pairs.sort((a, b) => a[1] - b[1]);
  return { pairs, stays: longestAscending(pairs.map(([from]) => from)) };
}

function idsOf(items: readonly Json[]): readonly string[] | null {
  const ids = items.map((item) => (isJsonObject(item) && Object.hasOwn(item, 'id') ? item.id : undefined));
  const texts = ids.filter((id) => typeof id === 'string');
  return texts.length === items.length && new Set(texts).size === items.length ? texts : null;
}

function pairsById(
  before: readonly Json[],
  after: readonly Json[],
  ids: readonly string[],
  nextIds: readonly string[],
): [number, number][] {
  const position = new Map(ids.map((id, index) => [id, index]));
  const pairs: [number, number][] = [];
  const added: number[] = [];
  nextIds.forEach((id, to) => {
    const from = position.get(id);
    if (from === undefined) added.push(to);
    else pairs.push([from, to]);
    position.delete(id);
  });
  if (added.length === 0 || position.size === 0) return pairs;
  const removed = Map.groupBy(position.values(), (from) => contentWithoutId(before[from] as Json));
  for (const to of added) {
    const from = removed.get(contentWithoutId(after[to] as Json))?.shift();
    if (from !== undefined) pairs.push([from, to]);
  }
  return pairs;
}

function contentWithoutId(item: Json): string {
  return canonicalJson(isJsonObject(item) ? Object.fromEntries(Object.entries(item).filter(([key]) => key !== 'id')) : item);
}

/** Equal head and tail, the longest common part between them, and in each gap the items that stand across from each other. */
function pairsByContent(before: readonly Json[], after: readonly Json[]): [number, number][] {
  const left = before.map((item) => canonicalJson(item));
  const right = after.map((item) => canonicalJson(item));
  const pairs: [number, number][] = [];
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) pairs.push([head, head++]);
  let tail = 0;
  while (tail < Math.min(left.length, right.length) - head && left.at(-1 - tail) === right.at(-1 - tail)) tail += 1;
  const common = commonPart(left.slice(head, left.length - tail), right.slice(head, right.length - tail)).map(
    ([from, to]): [number, number] => [from + head, to + head],
  );
  const anchors: [number, number][] = [...common];
  for (let back = tail; back > 0; back -= 1) anchors.push([left.length - back, right.length - back]);
  let [from, to] = [head, head];
  for (const [nextFrom, nextTo] of [...anchors, [left.length, right.length] as [number, number]]) {
    while (from < nextFrom && to < nextTo) pairs.push([from++, to++]);
    if (nextFrom < left.length) pairs.push([nextFrom, nextTo]);
    [from, to] = [nextFrom + 1, nextTo + 1];
  }
  return pairs;
}

function commonPart(left: readonly string[], right: readonly string[]): [number, number][] {
  const width = right.length + 1;
  if (left.length === 0 || right.length === 0 || left.length * right.length > MAX_COMPARISONS) return [];
  const length = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      length[i * width + j] =
        left[i] === right[j]
          ? (length[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(length[(i + 1) * width + j] ?? 0, length[i * width + j + 1] ?? 0);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (left[i] === right[j]) pairs.push([i++, j++]);
    else if ((length[(i + 1) * width + j] ?? 0) >= (length[i * width + j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return pairs;
}

/** The members of a longest ascending subsequence of distinct numbers (patience sorting, n log n). */
function longestAscending(numbers: readonly number[]): ReadonlySet<number> {
  const tops: number[] = [];
  const before = new Map<number, number | undefined>();
  for (const number of numbers) {
    let low = 0;
    let high = tops.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((tops[middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    before.set(number, tops[low - 1]);
    tops[low] = number;
  }
  const members = new Set<number>();
  for (let number = tops.at(-1); number !== undefined; number = before.get(number)) members.add(number);
  return members;
}
