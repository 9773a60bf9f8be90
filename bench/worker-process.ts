import type { JsonObject } from '#lib/base/json.ts';
import { done, startWorker } from '#worker/test-runs.ts';

/**
 * The worker under measurement, in a process of its own. Its steps do nothing, so what is measured is the engine; one with
 * `pause: [from, to]` in its config takes a time between, in milliseconds.
 */
function work(config: JsonObject): ReturnType<typeof done> | Promise<ReturnType<typeof done>> {
  const { pause } = config;
  if (!Array.isArray(pause)) return done();
  const [from = 0, to = 0] = pause as number[];
  return new Promise((resolve) => setTimeout(() => resolve(done()), from + Math.random() * (to - from)));
}

function start(): ReturnType<typeof startWorker> {
  return startWorker((_context, config) => work(config), {
    slots: Number(process.env.BENCH_SLOTS ?? 1000),
    ...(process.env.BENCH_LANES ? { lanes: Number(process.env.BENCH_LANES) } : {}),
  });
}

let worker = await start();
process.send?.({ kind: 'ready' });
process.on('message', async (message) => {
  if (message === 'work') worker = await start();
  else await worker.stop(5000);
  if (message === 'stop') process.exit(0);
  process.send?.({ kind: 'answer' });
});
process.on('disconnect', () => process.exit(0));
