import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Bug } from '#worker/simulation/bugs.ts';
import { planOf } from '#worker/simulation/check.ts';
import { outside, playSeeds } from '#worker/simulation/many.ts';
import { simulate } from '#worker/simulation/simulate.ts';
import { addTotals, noTotals, type Totals } from '#worker/simulation/totals.ts';

/**
 * `node bench/simulation.ts --runs 1000000 --seed 1`: plays simulations until so many runs were accepted (or `--seconds` are over), on
 * `--threads` threads, and prints what they came to. Ends with 1 where a promise was broken, and says how to see it again:
 * `node bench/simulation.ts --replay 4711 --without f2,r0`.
 */
const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '' },
    out: { type: 'string', default: '' },
    replay: { type: 'string' },
    without: { type: 'string', default: '' },
    bug: { type: 'string' },
  },
});

/** Seeds of one message. */
const BLOCK = 100;
const REPORT_MS = 15_000;
const MOST_FAILURES = 5;

if (!isMainThread) await playBlocks();
else if (options.replay !== undefined) await replay(Number(options.replay));
else process.exitCode = await playAll();

async function playBlocks(): Promise<void> {
  const { first, step } = workerData as { first: number; step: number };
  for (let from = first; ; from += step) {
    const seeds = Array.from({ length: BLOCK }, (_, index) => from + index);
    parentPort?.postMessage(await outside(() => playSeeds(seeds)));
  }
}

async function playAll(): Promise<number> {
  const [wanted, first, threads] = [Number(options.runs), Number(options.seed), Number(options.threads)];
  const totals = noTotals();
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const workers = Array.from({ length: threads }, (_, index) => {
    const data = { first: first + index * BLOCK, step: threads * BLOCK };
    return new Worker(new URL(import.meta.url), { workerData: data });
  });
  const timer = setInterval(() => say(`${totals.runs} of ${wanted} runs, ${(totals.runs / seconds()).toFixed(0)} a second`), REPORT_MS);
  await new Promise<void>((resolve, reject) => {
    if (options.seconds !== '') setTimeout(resolve, Number(options.seconds) * 1000);
    for (const worker of workers) {
      worker.on('error', reject);
      worker.on('message', (more: Totals) => {
        addTotals(totals, more);
        for (const { broken, replay: again } of more.failures) say(`BROKEN: ${broken}\n  see it again: ${again}`);
        if (totals.runs >= wanted || totals.failures.length >= MOST_FAILURES) resolve();
      });
    }
  });
  clearInterval(timer);
  await Promise.all(workers.map((worker) => worker.terminate()));
  await report(totals, { first, threads, seconds: seconds() });
  return totals.failures.length > 0 ? 1 : 0;
}

async function report(totals: Totals, { first, threads, seconds }: { first: number; threads: number; seconds: number }): Promise<void> {
  const { plans, runs, moves, failures } = totals;
  say(
    `${runs} runs in ${plans} simulations, ${moves} moves, ${seconds.toFixed(0)} s: ${(runs / seconds).toFixed(0)} runs/s, ${failures.length} broken promises`,
  );
  for (const [title, counts] of [
    ['faults', totals.faults],
    ['steps', totals.steps],
    ['events', totals.rows],
  ] as const) {
    say(
      `${title}: ${Object.entries(counts)
        .sort((a, b) => b[1] - a[1])
        .map(([kind, count]) => `${kind} ${count}`)
        .join(', ')}`,
    );
  }
  if (options.out === '') return;
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, `${JSON.stringify({ firstSeed: first, threads, seconds: Math.round(seconds), ...totals }, null, 2)}\n`);
}

async function replay(seed: number): Promise<void> {
  const plan = planOf(seed, options.without === '' ? [] : options.without.split(','));
  const bugs = new Set(options.bug === undefined ? [] : [options.bug as Bug]);
  const result = await outside(() => simulate(plan, { traced: true, bugs }));
  for (const line of result.trace) say(line);
  say(
    JSON.stringify(
      plan.workflows.map((one) => one.definition),
      null,
      1,
    ),
  );
  say(result.broken ?? 'Every promise was kept');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
