import { readEnv } from '#lib/base/env.ts';
import { errorMessage } from '#lib/base/errors.ts';
import { createLog } from '#lib/base/log.ts';
import { disconnect } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { closeExpressionProcesses } from '#lib/server/expression-process.ts';
import { resealSecrets } from '#lib/server/read-secrets.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { createEgressFetch } from '#lib/steps/egress.ts';
import { stepExecutors } from '#lib/steps/executors.ts';
import { RunWorker } from './run-worker.ts';

/** Milliseconds that steps in flight may take to end after the first signal. */
const GRACE_MS = 10_000;
/** Told to the launcher: another worker has taken over; a fresh process may start. */
const EXIT_FENCED = 75;
const log = createLog({ part: 'worker' });

/** The worker process. The first SIGTERM or SIGINT drains, a second one ends it at once. */
async function main(): Promise<void> {
  const env = readEnv();
  const origin = env.WEFTLINE_ORIGIN ?? `http://${env.HOST}:${env.PORT}`;
  const worker = new RunWorker({
    catalog: stepCatalog,
    executors: stepExecutors,
    slots: env.WORKFLOW_MAX_CONCURRENT_RUNS,
    queues: env.QUEUES,
    mockUrl: `${origin}/mock`,
    fetch: createEgressFetch({ allow: env.EGRESS_ALLOW, ownOrigin: origin, mockPrefix: '/mock/' }),
    instanceKey: env.WEFTLINE_SECRET,
    onFenced: () => process.exit(EXIT_FENCED),
    log,
  });
  let signals = 0;
  const onSignal = (): void => {
    signals++;
    if (signals > 1) process.exit(130);
    worker
      .stop(GRACE_MS)
      .then(() => Promise.allSettled([stopListening(), closeExpressionProcesses()]))
      .then(() => disconnect())
      .catch((error) => log.error('The worker did not stop in good order', { error }))
      .finally(() => process.exit(0));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const resealed = await resealSecrets();
  if (resealed > 0) log.info('Secrets were sealed anew with the first key of WEFTLINE_ENCRYPTION_KEY', { secrets: resealed });
  await worker.start();
}

// A fault that nobody caught leaves memory in doubt. The journal is the truth: end, and let a fresh process take over.
process.on('uncaughtException', (error) => {
  log.error('An unexpected fault ends this worker; its runs are taken over', { error });
  process.exit(1);
});
main().catch((error) => {
  log.error(`The worker could not start: ${errorMessage(error)}`, { error });
  process.exit(1);
});
