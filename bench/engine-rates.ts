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

/** Done before anything is counted. */
const WARM_STEPS = 120_000;

/** All per second. */
interface Throughput {
  readonly runs: number;
  readonly steps: number;
  readonly rows: number;
}

/**
 * Counted from the first start to the last end. The process has worked for some seconds before: a worker lives for weeks, and
 * what its first second costs in compiling is another question.
 */
async function throughput(steps: number, runs: number, step: Partial<Step> = {}): Promise<Throughput> {
  const workflow = await storeWorkflow(chainOf(steps, step), `throughput ${steps} ${step.type ?? ''}`);
  const worker = await startWorkerProcess();
  const warm = await storeWorkflow(chainOf(steps, step), `warm ${steps} ${step.type ?? ''}`);
  await warm.start(Math.ceil(WARM_STEPS / steps));
  await untilAllEnded(warm, Math.ceil(WARM_STEPS / steps), { pause: 250 });
  await worker.tell('rest');
  await workflow.start(runs);
  await pool().query('analyze run');
  // What the filling has written is not the engine's to carry to the tables.
  await pool().query('checkpoint');
  await worker.tell('work');
  // Seldom, because the looking costs the same machine.
  await untilAllEnded(workflow, runs, { pause: 250 });
  await worker.stop();
  const { firstStart, lastEnd, rows } = await countInDatabase(workflow, { runs, steps });
  const seconds = (lastEnd - firstStart) / 1000;
  return { runs: runs / seconds, steps: (runs * steps) / seconds, rows: rows / seconds };
}
