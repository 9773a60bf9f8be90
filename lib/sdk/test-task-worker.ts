import { appendFileSync } from 'node:fs';
import { WeftlineClient } from './client.ts';
import { createTaskWorker } from './task-worker.ts';
import { workflow } from './workflow.ts';

/** A task worker as a process of its own, for tests that kill it. Each execution of a step is a line in a file. */
const { WEFTLINE_URL = '', WEFTLINE_API_KEY = '', STEPS_FILE = '' } = process.env;

const say = (line: string): void => appendFileSync(STEPS_FILE, `${line}\n`);

/** Two steps, one that lasts as long as its file of permits says, and one behind it. */
const order = workflow<{ hold: number }, string[]>('order', async (step, { hold }) => {
  const reserved = await step.do('reserve', () => {
    say('reserve');
    return 'reserved';
  });
  const [charged, noted] = await Promise.all([
    step.do('charge', async ({ attempt, idempotencyKey, signal }) => {
      say(`charge ${attempt} ${idempotencyKey.split(':').slice(1).join(':')}`);
      if (attempt === 1) await new Promise((resolve) => setTimeout(resolve, hold, signal));
      return 'charged';
    }),
    step.do('note', () => {
      say('note');
      return 'noted';
    }),
  ]);
  const sent = await step.do('send', () => {
    say('send');
    return 'sent';
  });
  return [reserved, charged, noted, sent];
});

const worker = createTaskWorker({
  client: new WeftlineClient({ baseUrl: WEFTLINE_URL, apiKey: WEFTLINE_API_KEY }),
  workflows: [order],
  leaseMs: 1500,
});
const ids = await worker.start();
process.once('SIGTERM', () => void worker.stop(5000).then(() => process.exit(0)));
process.send?.(ids);
