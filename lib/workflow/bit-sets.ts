/** One set of small numbers for each row, as bits: 10,000 rows of 10,000 take 12 MB, where Sets would take gigabytes. */
export interface BitSets {
  has(row: number, member: number): boolean;
  add(row: number, member: number): void;
  /** Adds all members of another row. */
  addAll(row: number, from: number): void;
  /** Keeps the members that are in `from` too, and of `extra` if it is one of them before. */
  keepOnly(row: number, from: number, extra: number): void;
}

/** Empty sets for `count` rows, with members below `count`. */
export function bitSets(count: number): BitSets {
  const width = Math.ceil(count / 32);
  const bits = new Uint32Array(count * width);
  return {
    has: (row, member) => (((bits[row * width + (member >> 5)] ?? 0) >>> (member & 31)) & 1) === 1,
    add(row, member) {
      const at = row * width + (member >> 5);
      bits[at] = (bits[at] ?? 0) | (1 << (member & 31));
    },
    addAll(row, from) {
      const [target, source] = [row * width, from * width];
      for (let word = 0; word < width; word += 1) bits[target + word] = (bits[target + word] ?? 0) | (bits[source + word] ?? 0);
    },
    keepOnly(row, from, extra) {
      const [target, source] = [row * width, from * width];
      for (let word = 0; word < width; word += 1) {
        const also = extra >= 0 && extra >> 5 === word ? 1 << (extra & 31) : 0;
        bits[target + word] = (bits[target + word] ?? 0) & ((bits[source + word] ?? 0) | also);
      }
    },
  };
}
