import { HttpConnection } from './http-connection.ts';
import type { Target } from './starts.ts';

/** Opens a stream for each of `runs` (an id may stand in it more than once), and for each of `slow` one that reads nothing. */
export interface FollowTask extends Target {
  readonly kind: 'follow';
  readonly runs: readonly string[];
  readonly slow: readonly string[];
  /** Theirs: they are of another workspace. */
  readonly slowKey: string;
}

export interface Followed {
  /** Milliseconds from the commit of a step's end to its event at the reader. */
  readonly times: number[];
  /** Streams that told every event of their run once, in order, up to its end. */
  readonly whole: number;
  readonly slowWhole: number;
}

/** Milliseconds that all streams have told their history before times count. */
const SETTLE = 500;
const FRAME = /id: (\d+)\nevent: (\w+)\ndata: (.*)\n\n/g;

/**
 * Follows runs of chained steps. A step begins when the end of the one before is durable, and says when it began: so the time
 * from the commit to the reader is the arrival of a step's end less the start of the step behind it (to a millisecond, which
 * the clock rounds down: never too little).
 */
export async function follow({ port, key, runs, slow, slowKey }: FollowTask): Promise<Followed> {
  const idle = await Promise.all(slow.map((run) => Reader.open(port, slowKey, run)));
  for (const reader of idle) reader.pause();
  const readers = await Promise.all(runs.map((run) => Reader.open(port, key, run)));
  await Promise.all(readers.map((reader) => reader.begun));
  const from = Date.now() + SETTLE;
  await Promise.all(readers.map((reader) => reader.ended));
  const times = readers.flatMap((reader) => reader.times(from));
  for (const reader of idle) reader.resume();
  await Promise.all(idle.map((reader) => reader.ended));
  return { times, whole: readers.filter((one) => one.whole).length, slowWhole: idle.filter((one) => one.whole).length };
}

/** One stream. Keeps the arrivals of ends and the starts as they are told, both as milliseconds since the epoch. */
class Reader {
  /** It has told its first event. */
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;
  readonly #connection: HttpConnection;
  readonly #arrivals: number[] = [];
  readonly #starts: number[] = [];
  #begin: () => void = () => {};
  #text = '';
  #last = 0;
  #inOrder = true;
  #completed = false;

  static async open(port: number, key: string, run: string): Promise<Reader> {
    return new Reader(await HttpConnection.open(port, key), run);
  }

  constructor(connection: HttpConnection, run: string) {
    this.#connection = connection;
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.ended = connection
      .request('GET', `/api/workflows/runs/${run}/stream`, null, (part) => this.#read(part))
      .then(({ status }) => {
        connection.close();
        if (status !== 200) throw new Error(`A stream was answered with ${status}`);
      });
  }

  get whole(): boolean {
    return this.#inOrder && this.#completed;
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  #read(part: Buffer): void {
    const now = performance.timeOrigin + performance.now();
    this.#text += part.toString();
    let end = 0;
    for (const found of this.#text.matchAll(FRAME)) {
      end = found.index + found[0].length;
      this.#event(Number(found[1]), found[2] ?? '', found[3] ?? '', now);
    }
    this.#text = this.#text.slice(end);
  }

  #event(id: number, type: string, data: string, now: number): void {
    if (id !== this.#last + 1) this.#inOrder = false;
    this.#last = id;
    this.#begin();
    if (type === 'step_completed') this.#arrivals[numberOf(data)] = now;
    else if (type === 'step_started') this.#starts[numberOf(data)] = Date.parse(/"timestamp":"([^"]+)"/.exec(data)?.[1] ?? '');
    else if (type === 'run_completed') this.#completed = true;
  }

  /** Of what was committed after `from`. */
  times(from: number): number[] {
    return this.#arrivals.flatMap((arrival, step) => {
      const committed = this.#starts[step + 1];
      return committed === undefined || committed < from ? [] : [arrival - committed];
    });
  }
}

/** Steps are named s1, s2, … */
function numberOf(data: string): number {
  return Number(/"step_id":"s(\d+)"/.exec(data)?.[1] ?? Number.NaN);
}
