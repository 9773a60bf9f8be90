/**
 * The name of a step within a run. Outside loops it is the step's id; inside a loop's iteration it carries the way to it:
 * `each[3].fetch`, nested `outer[2].inner[5].x`. An id has no brackets, so a key reads in one way only.
 */

/** One turn on the way into a scope: the iteration of a loop. */
export interface KeyTurn {
  readonly loop: string;
  readonly iteration: number;
}

/** The step's id at the end of a key. */
export function idOfKey(key: string): string {
  const end = key.lastIndexOf('].');
  return end < 0 ? key : key.slice(end + 2);
}

/** What stands before the id in a key: `''` outside loops, `each[3].` in an iteration. */
export function prefixOfKey(key: string): string {
  return key.slice(0, key.length - idOfKey(key).length);
}

/** The id of the run's own step that a key belongs to: itself, or the loop around it. */
export function rootOfKey(key: string): string {
  const bracket = key.indexOf('[');
  return bracket < 0 ? key : key.slice(0, bracket);
}

/** The way into the scope of a key, outermost first; null where the text is no key. */
export function turnsOfKey(key: string): readonly KeyTurn[] | null {
  const turns: KeyTurn[] = [];
  const end = key.lastIndexOf('].');
  for (let at = 0; at < end; ) {
    const open = key.indexOf('[', at);
    const close = key.indexOf('].', open);
    const number = key.slice(open + 1, close);
    if (open <= at || close < 0 || !/^(0|[1-9]\d{0,8})$/.test(number)) return null;
    turns.push({ loop: key.slice(at, open), iteration: Number(number) });
    at = close + 2;
  }
  return turns;
}

/** The prefix of the keys of an iteration's steps. */
export function iterationPrefix(loopKey: string, iteration: number): string {
  return `${loopKey}[${iteration}].`;
}
