import { median } from './statistics.ts';

/** What a row's value is held against in the same round. */
type Limit = 'journal' | 'commit' | 'http';

interface Bar {
  readonly is: 'most' | 'least';
  readonly value: number;
}

interface RowSpec {
  readonly title: string;
  readonly unit: 'ms' | 's' | 'runs/s' | 'steps/s' | 'rows/s' | 'requests/s' | 'MB' | 'kB';
  /** What it must reach, and the side it must be on. */
  readonly bar?: Bar;
  /** A share that must be reached too. */
  readonly ratioBar?: number;
  readonly limit?: Limit;
}

const most = (value: number): Bar => ({ is: 'most', value });
const least = (value: number): Bar => ({ is: 'least', value });

/** Every row that a run of the benchmark may fill, in the order in which tables show them. */
export const ROWS = {
  'raw.journal': { title: 'Raw multi-row inserts of journal rows', unit: 'rows/s' },
  'raw.commit': { title: 'One durable commit of one row, p50', unit: 'ms' },
  'raw.http': { title: 'Bare node:http server that answers a constant', unit: 'requests/s' },
  'raw.hono': { title: 'Bare Hono app that answers a constant', unit: 'requests/s' },

  'engine.first': { title: 'Engine: trigger → first step, p50', unit: 'ms', limit: 'commit' },
  'engine.first.p99': { title: 'Engine: trigger → first step, p99', unit: 'ms', limit: 'commit' },
  'engine.finished': { title: 'Engine: 3 steps, trigger → finished, p50', unit: 'ms', bar: most(4), limit: 'commit' },
  'engine.finished.p99': { title: 'Engine: 3 steps, trigger → finished, p99', unit: 'ms', bar: most(12), limit: 'commit' },
  'engine.chain': { title: '40 steps in a chain, trigger → finished, p50', unit: 'ms', bar: most(40), limit: 'commit' },
  'engine.loop1000': { title: 'Loop over 1,000 items', unit: 'ms', bar: most(100) },
  'engine.loop10000': { title: 'Loop over 10,000 items', unit: 'ms', bar: most(1000) },
  'engine.loop10000.apart': { title: 'Loop over 10,000 items, 100 at a time', unit: 'ms', bar: most(1000) },
  'engine.runs': { title: 'Engine: 3-step runs finished', unit: 'runs/s', bar: least(10_000), limit: 'journal' },
  'engine.steps': {
    title: 'Engine: steps of many 40-step chains',
    unit: 'steps/s',
    bar: least(60_000),
    limit: 'journal',
    ratioBar: 0.5,
  },
  'engine.steps.pure': { title: 'Engine: the same with steps that have no side effects', unit: 'steps/s', limit: 'journal' },

  'api.first': { title: 'HTTP: trigger → first step, p50', unit: 'ms', limit: 'commit' },
  'api.first.p99': { title: 'HTTP: trigger → first step, p99', unit: 'ms', limit: 'commit' },
  'api.accepted': { title: 'HTTP: trigger → accepted (202), p50', unit: 'ms', limit: 'commit' },
  'api.finished': { title: 'HTTP: 3 steps, trigger → end seen in the stream, p50', unit: 'ms', bar: most(4), limit: 'commit' },
  'api.finished.p99': { title: 'HTTP: 3 steps, trigger → end seen in the stream, p99', unit: 'ms', bar: most(12), limit: 'commit' },
  'api.runs': { title: 'HTTP: 3-step runs, started one by one, finished', unit: 'runs/s', bar: least(2500), limit: 'http' },
  'api.runs.accepted': { title: 'HTTP: 3-step runs, started one by one, accepted meanwhile', unit: 'requests/s', limit: 'http' },
  'api.batch': { title: 'HTTP: 3-step runs through the batch endpoint, finished', unit: 'runs/s', bar: least(8000) },

  'stream.p50': { title: '500 streams of 500 runs: commit → event, p50', unit: 'ms' },
  'stream.p99': { title: '500 streams of 500 runs: commit → event, p99', unit: 'ms', bar: most(20) },
  'stream.slow.p99': { title: 'The same beside 20 readers that read nothing, p99', unit: 'ms', bar: most(20) },
  'stream.shared.p50': { title: '500 streams of one run: commit → event, p50', unit: 'ms' },
  'stream.shared.p99': { title: '500 streams of one run: commit → event, p99', unit: 'ms', bar: most(20) },

  'read.page': { title: 'GET a page of 100 of a run with 10,000 step runs, p50', unit: 'ms', bar: most(150) },
  'read.page.p99': { title: 'GET a page of 100 of a run with 10,000 step runs, p99', unit: 'ms', bar: most(150) },
  'read.whole': { title: 'GET the whole of a run with 10,000 step runs, p50', unit: 'ms' },
  'read.runs': { title: 'List page of 50 runs, p50', unit: 'ms', bar: most(50) },
  'read.runs.p99': { title: 'List page of 50 runs, p99', unit: 'ms', bar: most(50) },
  'read.workflows': { title: 'List page of 50 workflows, p50', unit: 'ms', bar: most(50) },

  'disk.run': { title: 'Disk taken by a 3-step run', unit: 'kB', bar: most(3) },
  'disk.log': { title: 'Write-ahead log written by a 3-step run', unit: 'kB' },
  'memory.idle': { title: 'Idle memory: web + worker + database', unit: 'MB', bar: most(450) },
  'memory.web': { title: '· of it the web process', unit: 'MB' },
  'memory.worker': { title: '· of it the worker', unit: 'MB' },
  'memory.database': { title: '· of it the database', unit: 'MB' },
  'memory.launcher': { title: 'npm and the launcher beside them', unit: 'MB' },
  'start.second': { title: '`npm start` again, to the first page', unit: 's', bar: most(3) },
  'start.stop': { title: 'Ctrl-C to the end of everything', unit: 's' },
  'start.cold': { title: '`npm start` of a clean clone with an empty npm cache, to the first page', unit: 's', bar: most(60) },
} as const satisfies Record<string, RowSpec>;

export type RowId = keyof typeof ROWS;

/** One round's value of a row. `limit` is what the machine could at most do, measured around it, in the row's own terms. */
export interface Sample {
  readonly row: RowId;
  readonly value: number;
  readonly ratio?: number;
}

export interface Result {
  readonly row: RowId;
  /** One of each round. */
  readonly values: readonly number[];
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Median of the rounds' ratios; null where there is nothing to compare with. */
  readonly ratio: number | null;
}

/** The samples of all rounds, a result for each row that has any. */
export function resultsOf(samples: readonly Sample[]): Result[] {
  return (Object.keys(ROWS) as RowId[]).flatMap((row) => {
    const own = samples.filter((sample) => sample.row === row);
    if (own.length === 0) return [];
    const values = own.map((sample) => sample.value);
    const ratios = own.flatMap((sample) => (sample.ratio === undefined ? [] : [sample.ratio]));
    return [
      {
        row,
        values,
        median: median(values),
        low: Math.min(...values),
        high: Math.max(...values),
        ratio: ratios.length === 0 ? null : median(ratios),
      },
    ];
  });
}

export function specOf(row: RowId): RowSpec {
  return ROWS[row];
}

/** How many times better than its bar a row is; 1 is exactly met, less is not met; null without a bar. */
export function margin(result: Result): number | null {
  const { bar, ratioBar } = specOf(result.row);
  if (bar === undefined) return null;
  const own = bar.is === 'most' ? bar.value / result.median : result.median / bar.value;
  return ratioBar === undefined || result.ratio === null ? own : Math.min(own, result.ratio / ratioBar);
}
