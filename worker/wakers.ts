import { EventEmitter } from 'node:events';
import { type Runner, run } from 'graphile-worker';
import { pool } from '#lib/db/client.ts';
import { ensureDispatcher, quietLogger, WAKE_RUN_TASK, WAKE_TASK } from '#lib/db/dispatcher.ts';
import { CONTROL_CHANNEL, listen, listening, QUEUE_CHANNEL } from '#lib/db/notify.ts';

export interface WakeUps {
  /** New runs (`queued`), runs to go on with (`returned`), or steps of other runs (`remote`). */
  readonly onQueue: (kind: 'queued' | 'returned' | 'both' | 'remote') => void;
  /** Uuid of a run whose control flag was set; null: any may have been. */
  readonly onControl: (uuid: string | null) => void;
}

/** What is done with a job, by its task. */
export type JobTasks = Readonly<Record<string, (payload: unknown) => void>>;
/** Begins to take the dispatcher's jobs; `onPool` hears the name under which they are locked. */
export type StartJobs = (tasks: JobTasks, onPool: (poolId: string) => void) => Promise<Pick<Runner, 'stop'>>;

/** Jobs that graphile-worker fetches at once: they only wake, so a few are plenty. */
const LOCAL_JOBS = 20;
const CONCURRENCY = 4;

/**
 * What tells a worker to look: hints from other processes, at once and lossy, and graphile-worker's jobs, durable and with
 * a time. A job says no more than "look", so it is done as soon as it has been heard.
 */
export class Wakers {
  readonly #wakeUps: WakeUps;
  readonly #startJobs: StartJobs;
  #runner: Pick<Runner, 'stop'> | null = null;
  #stops: (() => void)[] = [];
  /** The name under which the process's jobs are locked; needed to free them after its death. */
  poolId: string | null = null;

  constructor(wakeUps: WakeUps, startJobs: StartJobs = startRunner) {
    this.#wakeUps = wakeUps;
    this.#startJobs = startJobs;
  }

  async start(): Promise<void> {
    const { onQueue, onControl } = this.#wakeUps;
    await ensureDispatcher();
    this.#stops = [
      listen(QUEUE_CHANNEL, (payload) =>
        onQueue(payload === null ? 'both' : payload === 'both' || payload === 'returned' || payload === 'remote' ? payload : 'queued'),
      ),
      listen(CONTROL_CHANNEL, (payload) => onControl(payload)),
    ];
    await listening();
    const tasks: JobTasks = {
      [WAKE_TASK]: (payload) => onQueue((payload as { returned?: boolean } | null)?.returned === true ? 'returned' : 'queued'),
      [WAKE_RUN_TASK]: () => onQueue('returned'),
    };
    this.#runner = await this.#startJobs(tasks, (poolId) => {
      this.poolId = poolId;
    });
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.#runner?.stop().catch(() => {});
  }
}

const startRunner: StartJobs = (tasks, onPool) => {
  const events = new EventEmitter();
  events.on('pool:create', ({ workerPool }: { workerPool: { id: string } }) => onPool(workerPool.id));
  return run({
    pgPool: pool(),
    logger: quietLogger,
    events: events as never,
    noHandleSignals: true,
    concurrency: CONCURRENCY,
    preset: { worker: { localQueue: { size: LOCAL_JOBS }, completeJobBatchDelay: 20, failJobBatchDelay: 20 } } as never,
    taskList: tasks,
    parsedCronItems: [],
  });
};
