import type { Bugs } from './bugs.ts';
import type { Tables } from './tables.ts';

/** A statement of the product as the simulated database gets it. */
export interface Call {
  readonly tables: Tables;
  /** Milliseconds since the epoch by the database's clock. */
  readonly now: number;
  readonly text: string;
  readonly values: readonly unknown[];
  /** Rules that this database breaks, to see that it is noticed. */
  readonly bugs: Bugs;
  readonly notify: (channel: string, payload: string) => void;
  /** A job for the dispatcher; one of the same key replaces it. */
  readonly addJob: (job: Job) => void;
  /** Rows of the journal are written in the name of this worker; null: of nobody, because nobody drives the run. */
  readonly writes: (run: string, worker: string | null) => void;
}

export interface Job {
  readonly task: string;
  readonly returned: boolean;
  readonly key: string | null;
  /** Milliseconds since the epoch, null for now. */
  readonly at: number | null;
}

export interface Answer {
  readonly rows: readonly object[];
  readonly rowCount: number;
}

/** What a statement of the product means. `reads` alone: it takes no lock and changes nothing. */
export interface Twin {
  /** Of its prepared name, or a part of its text that no other statement has. */
  readonly of: string | RegExp;
  readonly reads?: boolean;
  /** It changes nothing, but waits for a lock (`for update`). */
  readonly locks?: boolean;
  readonly run: (call: Call) => Answer;
}

export const NOTHING: Answer = { rows: [], rowCount: 0 };

export function rowsOf(rows: readonly object[]): Answer {
  return { rows, rowCount: rows.length };
}

/**
 * The columns of `unnest($4, $5, …) as e(place, seq, …)` by name, read from the text itself: a column that is added or moved
 * is found where it is.
 */
export function unnested({ text, values }: Call, alias: string): Record<string, readonly (string | null)[]> {
  let places = known.get(text)?.[alias];
  if (places === undefined) {
    places = placesOf(text, alias);
    known.set(text, { ...known.get(text), [alias]: places });
  }
  const columns: Record<string, readonly (string | null)[]> = {};
  for (const [name, place] of places) {
    const value = values[place];
    columns[name] = typeof value === 'string' ? readArray(value) : (value as string[]);
  }
  return columns;
}

const known = new Map<string, Record<string, [string, number][]>>();

function placesOf(text: string, alias: string): [string, number][] {
  const found = new RegExp(`unnest\\(((?:\\$\\d+[^,)]*,?\\s*)+)\\)(?:\\s+with ordinality)?\\s+as ${alias}\\(([^)]*)\\)`).exec(text);
  if (found === null) throw new Error(`There are no arrays '${alias}' in: ${text}`);
  const places = [...(found[1] ?? '').matchAll(/\$(\d+)/g)].map((one) => Number(one[1]) - 1);
  const names = (found[2] ?? '').split(',').map((name) => name.trim());
  return places.map((place, index) => [names[index] ?? '', place]);
}

/** The elements of an array as PostgreSQL reads its text. */
export function readArray(text: string): (string | null)[] {
  if (text === '{}') return [];
  const elements: (string | null)[] = [];
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '"') {
      let end = at + 1;
      while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
      const quoted = text.slice(at + 1, end);
      elements.push(quoted.includes('\\') ? quoted.replace(/\\(.)/gs, '$1') : quoted);
      at = end + 1;
    } else {
      const comma = text.indexOf(',', at);
      const end = comma < 0 ? text.length - 1 : comma;
      const plain = text.slice(at, end);
      elements.push(plain === 'NULL' ? null : plain);
      at = end;
    }
  }
  return elements;
}

export function numberOf(text: string | null | undefined): number | null {
  return text == null ? null : Number(text);
}

/** Milliseconds of a time in seconds. */
export function millisOf(text: string | null | undefined): number | null {
  return text == null ? null : Math.round(Number(text) * 1000);
}
