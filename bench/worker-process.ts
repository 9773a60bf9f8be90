import { done, startWorker } from '#worker/test-runs.ts';

/** The worker under measurement, in a process of its own: its steps do nothing, so what is measured is the engine. */
const worker = await startWorker(() => done(), {
  slots: Number(process.env.BENCH_SLOTS ?? 1000),
  ...(process.env.BENCH_LANES ? { lanes: Number(process.env.BENCH_LANES) } : {}),
});
process.send?.({ kind: 'ready' });
process.on('message', (message) => {
  if (message === 'counters') process.send?.({ kind: 'counters', ...worker.counters, cpu: process.cpuUsage() });
  if (message === 'stop') void worker.stop(5000).then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
