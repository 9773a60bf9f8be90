import { pool } from '#lib/db/client.ts';
import type { Step } from '#lib/workflow/definition.ts';
import { chainOf } from '#worker/test-runs.ts';
import { countInDatabase, storeWorkflow, untilAllEnded } from './bench-workflows.ts';
import { type Group, scaled } from './group.ts';
import { startWorkerProcess } from './processes.ts';
import { rawInsertRate } from './raw-limits.ts';

/** Many runs that wait when a worker starts: what one worker process finishes, beside what the same PostgreSQL takes raw. */
export const engineRates: Group = {
  name: 'rates',
  title: 'runs and steps per second of the engine',
  async round(bench) {
    const before = await rawInsertRate();
    const runs = await throughput(3, scaled(bench, 30_000));
    const chains = await throughput(40, scaled(bench, 4000));
    // Steps without side effects need not wait for the disk one by one.
    const pure = await throughput(40, scaled(bench, 4000), { type: 'transform', config: { expression: 'input' } });
    const raw = (before + (await rawInsertRate())) / 2;
    return [
      { row: 'raw.journal', value: raw },
      { row: 'engine.runs', value: runs.runs, ratio: runs.rows / raw },
      { row: 'engine.steps', value: chains.steps, ratio: chains.rows / raw },
      { row: 'engine.steps.pure', value: pure.steps, ratio: pure.rows / raw },
    ];
  },
};

/** All per second. */
interface Throughput {
  readonly runs: number;
  readonly steps: number;
  readonly rows: number;
}

/** Counted from the first start to the last end, with the worker's own warming up inside. */
async function throughput(steps: number, runs: number, step: Partial<Step> = {}): Promise<Throughput> {
  const workflow = await storeWorkflow(chainOf(steps, step), `throughput ${steps} ${step.type ?? ''}`);
  await workflow.start(runs);
  await pool().query('analyze run');
  const worker = await startWorkerProcess();
  // Seldom, because the looking costs the same machine.
  await untilAllEnded(workflow, runs, { pause: 250 });
  await worker.stop();
  const { firstStart, lastEnd, rows } = await countInDatabase(workflow, { runs, steps });
  const seconds = (lastEnd - firstStart) / 1000;
  return { runs: runs / seconds, steps: (runs * steps) / seconds, rows: rows / seconds };
}
