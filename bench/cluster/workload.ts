import { setTimeout as sleep } from 'node:timers/promises';
import { call, type Installation, type Node } from './installation.ts';

/** What programs do to the installation while things break: workflows, starts, events. */

/** Runs of `limited` at a time. */
export const LIMIT = 3;
/** Starts a second, over both web processes. */
const RATE = 6;
/** One call may fail as long as this, in milliseconds, before the trial gives up. */
const PATIENCE_MS = 40_000;
const FAN = [1, 2, 3, 4];

export interface Workflows {
  readonly order: string;
  readonly limited: string;
  readonly scheduled: string;
}

/** A start that was answered with 2xx. */
export interface Accepted {
  readonly runId: string;
  readonly kind: 'order' | 'limited';
  /** Index of the web process that took it. */
  readonly web: number;
}

export async function makeWorkflows({ webs, effectsUrl }: Installation): Promise<Workflows> {
  const post = (id: string, path: string, after: string[] = [], more = {}) => {
    const depends_on = after;
    return { id, type: 'http_request', depends_on, config: { method: 'POST', url: `${effectsUrl}${path}`, body: {} }, ...more };
  };
  const make = async (definition: object): Promise<string> => {
    const { status, body } = await call(webs[0], 'POST', '/api/workflows', { definition });
    if (status !== 201) throw new Error(`A workflow was refused: ${JSON.stringify(body)}`);
    return String(body.id);
  };
  const child = await make({ name: 'child', steps: [post('ship', '/effect/{{ run.id }}/ship?ms=60')] });
  const order = await make({
    name: 'order',
    steps: [
      post('begin', '/effect/{{ run.id }}/begin'),
      {
        id: 'fan',
        type: 'loop',
        depends_on: ['begin'],
        config: { items: 'input.items', steps: [post('one', '/effect/{{ run.id }}/one?ms=150')] },
      },
      { id: 'child', type: 'workflow', depends_on: ['begin'], config: { workflow_id: child, input: {} } },
      post('flaky', '/flaky/{{ run.id }}?ms=20', ['begin'], { retry: { max_attempts: 5, delay: '200ms', backoff: 'fixed' } }),
      { id: 'nap', type: 'wait', depends_on: ['begin'], config: { duration: '1s' } },
      { id: 'go', type: 'wait', depends_on: ['fan', 'child', 'flaky', 'nap'], config: { event_type: 'go' } },
      post('finish', '/effect/{{ run.id }}/finish?ms=400', ['go']),
    ],
  });
  const limited = await make({
    name: 'limited',
    concurrency: { limit: LIMIT },
    steps: [post('inside', '/limited/{{ run.id }}?ms=600'), post('after', '/effect/{{ run.id }}/after', ['inside'])],
  });
  const scheduled = await make({
    name: 'scheduled',
    steps: [post('fire', '/schedule/{{ run.schedule.id }}/{{ run.schedule.due_at_ms }}')],
  });
  const activated = await call(webs[0], 'PATCH', `/api/workflows/${scheduled}/status`, { status: 'active' });
  if (activated.status !== 200) throw new Error(`A workflow cannot be activated: ${JSON.stringify(activated.body)}`);
  return { order, limited, scheduled };
}

/** Schedules of each minute that catch up with all they missed. */
export async function makeSchedules({ webs }: Installation, workflow: string, count: number): Promise<string[]> {
  const body = { cron_expression: '* * * * *', catch_up: 'all', overlap: 'allow' };
  const made = await Promise.all(
    Array.from({ length: count }, (_, index) => call(webs[index % 2] as Node, 'POST', `/api/workflows/${workflow}/schedules`, body)),
  );
  return made.map(({ status, body: answer }) => {
    if (status !== 201) throw new Error(`A schedule was refused: ${JSON.stringify(answer)}`);
    return String(answer.schedule_id);
  });
}

/**
 * Keeps calling, now one web process, now the other, as a client behind a load balancer does. A conflict means for an event
 * that an earlier try has reached the run after all, and it has ended; a start is tried again.
 */
async function persist(
  webs: readonly Node[],
  first: number,
  path: string,
  body: unknown,
  conflict: 'again' | 'done',
): Promise<{ web: number; body: Record<string, unknown> }> {
  const until = Date.now() + PATIENCE_MS;
  for (let turn = first; ; turn++) {
    const web = turn % webs.length;
    const answer = await call(webs[web] as Node, 'POST', path, body, 3000).catch(() => null);
    if (answer !== null && (answer.status < 300 || (answer.status === 409 && conflict === 'done'))) return { web, body: answer.body };
    if (answer !== null && answer.status < 500 && answer.status !== 409)
      throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    if (Date.now() > until) throw new Error(`${path} was not accepted within ${PATIENCE_MS / 1000} s`);
    await sleep(100);
  }
}

export class Load {
  readonly accepted: Accepted[] = [];
  readonly #webs: readonly Node[];
  readonly #workflows: Workflows;
  readonly #onOrder: (order: Accepted) => void;
  readonly #pending: Promise<unknown>[] = [];
  #faults: Error[] = [];
  #stopped = false;
  #number = 0;

  /** `onOrder` is told of each order that was accepted. */
  constructor({ webs }: Installation, workflows: Workflows, onOrder: (order: Accepted) => void) {
    this.#webs = webs;
    this.#workflows = workflows;
    this.#onOrder = onOrder;
  }

  /** Starts runs at an even rate until `stop`. */
  async go(): Promise<void> {
    while (!this.#stopped) {
      const work = this.#start(this.#number++).catch((error: Error) => this.#faults.push(error));
      this.#pending.push(work);
      await sleep(1000 / RATE);
    }
  }

  /** No new ones; resolves when all that was begun is accepted and has its event. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#pending);
    if (this.#faults[0] !== undefined) throw this.#faults[0];
  }

  async #start(number: number): Promise<void> {
    // In bursts of more than may be inside.
    const kind = number % 12 < 4 ? 'limited' : 'order';
    // Repeated after a failure, the same external id answers the same run.
    const body = { external_id: `trial-${number}`, if_exists: 'return', input_data: { items: FAN } };
    const answer = await persist(this.#webs, number, `/api/workflows/${this.#workflows[kind]}/run`, body, 'again');
    const accepted: Accepted = { runId: String(answer.body.run_id), kind, web: answer.web };
    this.accepted.push(accepted);
    if (kind === 'limited') return;
    this.#onOrder(accepted);
    // Before, about when, and long after the run begins to wait for it.
    await sleep([0, 1300, 3500][number % 3]);
    await persist(this.#webs, number + 1, `/api/workflows/runs/${accepted.runId}/events/go`, { number }, 'done');
  }
}
