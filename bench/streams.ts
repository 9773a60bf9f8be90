import { chainOf } from '#worker/test-runs.ts';
import { type BenchWorkflow, countInDatabase, storeWorkflow, untilAllEnded } from './bench-workflows.ts';
import { type Bench, type Group, scaled } from './group.ts';
import { type BenchProcess, startClientProcess, startWebProcess, startWorkerProcess } from './processes.ts';
import { percentile } from './statistics.ts';
import type { Followed } from './stream-readers.ts';

const STREAMS = 500;
const SLOW = 20;
/** A step of a run that somebody watches takes about a second, so 500 runs tell of about 500 ends a second. */
const PAUSE = [500, 1500];
/** Of the one run that 500 readers watch: ten ends a second are 5,000 events a second. */
const SHARED_PAUSE = [80, 120];

/** From the commit of a step's end to its event at the reader, with 500 streams open from another process. */
export const streams: Group = {
  name: 'streams',
  title: '500 open streams',
  async round(bench) {
    const [web, worker, client] = await Promise.all([startWebProcess(), startWorkerProcess(), startClientProcess()]);
    const sides = { web, client };
    await watched(sides, { streams: 50, steps: 3 });
    const apart = await watched(sides, { streams: STREAMS, steps: stepsOf(bench) });
    const beside = await watched(sides, { streams: STREAMS, steps: stepsOf(bench), slow: await longStory(SLOW) });
    const shared = await sharedRun(sides, scaled(bench, 90));
    await Promise.all([client.stop(), web.stop(), worker.stop()]);
    return [
      { row: 'stream.p50', value: percentile(apart, 0.5) },
      { row: 'stream.p99', value: percentile(apart, 0.99) },
      { row: 'stream.slow.p99', value: percentile(beside, 0.99) },
      { row: 'stream.shared.p50', value: percentile(shared, 0.5) },
      { row: 'stream.shared.p99', value: percentile(shared, 0.99) },
    ];
  },
};

interface Sides {
  readonly web: BenchProcess;
  readonly client: BenchProcess;
}

/** The first second does not count, so there must be some after it. */
function stepsOf({ quick }: Bench): number {
  return quick ? 6 : 10;
}

async function watched({ web, client }: Sides, what: { streams: number; steps: number; slow?: SlowRuns }): Promise<number[]> {
  const workflow = await storeWorkflow(chainOf(what.steps, { config: { pause: PAUSE } }), 'watched');
  const { slow } = what;
  const runs = await workflow.start(what.streams);
  const readers = { port: web.port, key: workflow.key, runs, slow: slow?.runs ?? [], slowKey: slow?.workflow.key ?? '' };
  const { whole, slowWhole, times } = await client.ask<Followed>({ kind: 'follow', ...readers });
  await untilAllEnded(workflow, what.streams);
  await countInDatabase(workflow, { runs: what.streams, steps: what.steps });
  if (whole !== what.streams) throw new Error(`${what.streams - whole} of ${what.streams} streams missed or doubled an event`);
  if (slowWhole !== (slow?.runs.length ?? 0)) throw new Error('A slow reader missed or doubled an event');
  return times;
}

async function sharedRun({ web, client }: Sides, steps: number): Promise<number[]> {
  const workflow = await storeWorkflow(chainOf(steps, { config: { pause: SHARED_PAUSE } }), 'shared');
  const [run = ''] = await workflow.start();
  const runs = Array.from({ length: STREAMS }, () => run);
  const { whole, times } = await client.ask<Followed>({ kind: 'follow', port: web.port, key: workflow.key, runs, slow: [], slowKey: '' });
  await countInDatabase(workflow, { runs: 1, steps });
  if (whole !== STREAMS) throw new Error(`${STREAMS - whole} of ${STREAMS} streams missed or doubled an event`);
  return times;
}

interface SlowRuns {
  readonly workflow: BenchWorkflow;
  /** The same one for each reader. */
  readonly runs: string[];
}

/** A finished run with some megabytes to tell, for readers that don't read. */
async function longStory(readers: number): Promise<SlowRuns> {
  const body = [{ id: 'each', type: 'transform', config: { expression: '$pad("", 500, "x")' } }];
  const workflow = await storeWorkflow([{ id: 'loop', type: 'loop', config: { items: '[1..5000]', steps: body } }], 'long story');
  const [run = ''] = await workflow.start();
  await untilAllEnded(workflow, 1, { pause: 20 });
  return { workflow, runs: Array.from({ length: readers }, () => run) };
}
