import type { CallKind } from '#lib/workflow/graph.ts';

/** A name that code has used, with its counter. */
export interface StepName {
  /** Its id among the steps of the run: `charge-2`; of sleeps and waits `sleep:nap-1`, `wait:paid-1`. */
  readonly step: string;
  readonly name: string;
  readonly count: number;
}

/** What begins the ids of a kind; a `do` needs it only where its own name would read like one of them. */
const PREFIXES: Readonly<Record<CallKind, string>> = { do: 'do:', sleep: 'sleep:', wait: 'wait:' };

/**
 * Gives each use of a name a counter of its own: `name-1`, `name-2`, … Steps, sleeps and waits are counted apart. What names
 * come in which order is all that it knows, so a replay gives the same ids.
 */
export class StepNames {
  readonly #counts = new Map<string, number>();

  /** Uses a name. */
  next(kind: CallKind, wanted: string): StepName {
    const name = cleanName(wanted);
    const base = baseOf(kind, name);
    const count = (this.#counts.get(base) ?? 0) + 1;
    this.#counts.set(base, count);
    return { step: `${base}-${count}`, name, count };
  }

  /** The id that the next use of a name will have. */
  peek(kind: CallKind, wanted: string): string {
    const base = baseOf(kind, cleanName(wanted));
    return `${base}-${(this.#counts.get(base) ?? 0) + 1}`;
  }
}

function baseOf(kind: CallKind, name: string): string {
  const plain = kind === 'do' && !Object.values(PREFIXES).some((prefix) => name.startsWith(prefix));
  return plain ? name : PREFIXES[kind] + name;
}

/** Brackets say where a step is in a loop, so a name has round ones; what a database cannot keep is taken out. */
function cleanName(name: string): string {
  if (typeof name !== 'string') throw new TypeError('A step needs a name: a text of 1 to 200 characters');
  const clean = name.replaceAll('[', '(').replaceAll(']', ')').replaceAll('\u0000', '').toWellFormed().trim();
  if (clean.length === 0 || clean.length > 200) throw new RangeError('The name of a step has 1 to 200 characters');
  return clean;
}
