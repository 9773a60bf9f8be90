/** The candidate that a word was probably meant to be: at most two typing slips away, and half of it; or null. */
export function closestWord(word: string, candidates: Iterable<string>): string | null {
  if (word.length > 100) return null;
  let best: string | null = null;
  let distance = Math.min(2, Math.floor(word.length / 2)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= distance) continue;
    const slips = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (slips >= distance) continue;
    best = candidate;
    distance = slips;
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
