/** Chance that a seed decides: the same seed gives the same numbers (the generator is sfc32). */
export class Chance {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  /** Of one seed, each `topic` has numbers of its own: asking more of one changes nothing of another. */
  constructor(seed: number, topic: string) {
    let hash = 2166136261 ^ seed;
    for (let at = 0; at < topic.length; at++) hash = Math.imul(hash ^ topic.charCodeAt(at), 16777619);
    this.#a = hash;
    this.#b = seed | 0;
    this.#c = Math.trunc(seed / 2 ** 32) ^ 0x9e3779b9;
    for (let round = 0; round < 12; round++) this.next();
  }

  /** 0 ≤ r < 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#count++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** `least` ≤ n ≤ `most`, whole. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** True in so many of a hundred cases. */
  percent(share: number): boolean {
    return this.next() * 100 < share;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new Error('There is nothing to pick from');
    return item;
  }

  /** A key, as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let at = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      at -= weight;
      if (at < 0) return key;
    }
    return entries[0]?.[0] as K;
  }
}
