import { chainOf } from '#worker/test-runs.ts';
import { type BenchWorkflow, countInDatabase, storeWorkflow, untilAllEnded } from './bench-workflows.ts';
import { type Bench, type Group, scaled } from './group.ts';
import { type BenchProcess, startClientProcess, startWebProcess, startWorkerProcess } from './processes.ts';
import { percentile } from './statistics.ts';

const STEPS = 10_000;
const CHAINS = 100;
const PAGE = 100;
const RUNS = 3000;

interface Prepared {
  readonly big: { readonly workflow: BenchWorkflow; readonly run: string };
  readonly listed: BenchWorkflow;
}

let prepared: Promise<Prepared> | undefined;

/** What people wait for when they look at a big run, or at a long list. */
export const reads: Group = {
  name: 'reads',
  title: 'reads of a big run and of lists',
  async round(bench) {
    prepared ??= prepare(bench);
    const { big, listed } = await prepared;
    const [web, client] = await Promise.all([startWebProcess(), startClientProcess()]);
    const ask = (key: string, paths: string[], count: number): Promise<{ times: number[]; last: string }> =>
      client.ask({ kind: 'repeat', port: web.port, key, paths, count });
    const at = `/api/workflows/runs/${big.run}`;
    const pages = Array.from({ length: 20 }, (_, n) => `${at}?limit=${PAGE}&offset=${(n * 493) % (STEPS - PAGE)}`);
    const page = await ask(big.workflow.key, pages, scaled(bench, 60));
    const whole = await ask(big.workflow.key, [at], scaled(bench, 9));
    const runs = await ask(listed.key, ['/api/workflows/runs?limit=50', `/api/workflows/${listed.id}/runs?limit=50`], scaled(bench, 120));
    const workflows = await ask(listed.key, ['/api/workflows?limit=50'], scaled(bench, 120));
    if (!runs.last.includes(`"id":"run_`)) throw new Error('The list holds no runs');
    await Promise.all([client.stop(), web.stop()]);
    return [
      { row: 'read.page', value: percentile(page.times, 0.5) },
      { row: 'read.page.p99', value: percentile(page.times, 0.99) },
      { row: 'read.whole', value: percentile(whole.times, 0.5) },
      { row: 'read.runs', value: percentile(runs.times, 0.5) },
      { row: 'read.runs.p99', value: percentile(runs.times, 0.99) },
      { row: 'read.workflows', value: percentile(workflows.times, 0.5) },
    ];
  },
};

/** A run of 10,000 steps in 100 chains, and a workspace with some thousand runs. */
async function prepare(bench: Bench): Promise<Prepared> {
  const worker: BenchProcess = await startWorkerProcess();
  const steps = Array.from({ length: CHAINS }, (_, chain) =>
    chainOf(STEPS / CHAINS).map((step) => ({
      ...step,
      id: `c${chain}_${step.id}`,
      ...(step.depends_on === undefined ? {} : { depends_on: step.depends_on.map((on) => `c${chain}_${on}`) }),
    })),
  ).flat();
  const workflow = await storeWorkflow(steps, 'ten thousand steps');
  const [run = ''] = await workflow.start();
  await untilAllEnded(workflow, 1);
  await countInDatabase(workflow, { runs: 1, steps: STEPS });
  const listed = await storeWorkflow(chainOf(3), 'listed');
  await listed.start(scaled(bench, RUNS));
  await untilAllEnded(listed, scaled(bench, RUNS));
  await worker.stop();
  return { big: { workflow, run }, listed };
}
