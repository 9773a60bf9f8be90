import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { AnswerOf } from '#lib/contracts/contract.ts';
import { leaveTaskWorker, pollTaskWorker, registerTaskWorker, type Work } from '#lib/contracts/task-workers.ts';
import type { WeftlineClient } from './client.ts';
import { CodeSession } from './code-session.ts';
import { AuthorizationError, NotFoundError } from './errors.ts';
import { Outbox } from './outbox.ts';
import type { CodeWorkflow } from './workflow.ts';

export interface TaskWorkerOptions {
  readonly client: WeftlineClient;
  readonly workflows: readonly CodeWorkflow[];
  /** Queues that it serves; `default` without it. */
  readonly queues?: readonly string[];
  /** How many functions it executes at the same time. */
  readonly concurrency?: number;
  /** What people see of it. */
  readonly name?: string;
  /** Milliseconds that it may be silent before its work is given to others; more for code that computes long without a pause. */
  readonly leaseMs?: number;
  /** Told when the server cannot be reached, or has given its work to others; it goes on by itself. */
  readonly onError?: (error: unknown) => void;
}

export interface TaskWorker {
  /** Registers the workflows and begins to ask for work. Answers the ids of the workflows by name. */
  start(): Promise<Readonly<Record<string, string>>>;
  /**
   * Takes nothing new, lets the steps that run end (at most `graceMs`, 30 s without it), and hands everything back. Whatever
   * had ended is recorded, so another worker goes on behind it.
   */
  stop(graceMs?: number): Promise<void>;
}

const POLL_MS = 10_000;
const RETRY_MS = 500;
/** What changes within so many milliseconds is asked for together. */
const GATHER_MS = 3;

/** A process that executes code: it asks the server for work over HTTP and needs nothing else of it. */
export function createTaskWorker(options: TaskWorkerOptions): TaskWorker {
  return new PollingWorker(options);
}

class PollingWorker implements TaskWorker {
  readonly #options: TaskWorkerOptions;
  readonly #outbox: Outbox;
  readonly #sessions = new Map<string, CodeSession>();
  #id: string | null = null;
  #poll: AbortController | null = null;
  #gathering: NodeJS.Timeout | null = null;
  #stopping = false;
  #loop: Promise<void> | null = null;
  #onIdle: (() => void) | null = null;

  constructor(options: TaskWorkerOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.client, (id) => this.#sessions.get(id)?.pause());
  }

  async start(): Promise<Readonly<Record<string, string>>> {
    if (this.#loop !== null) throw new Error('The task worker has been started already');
    const workflows = await this.#register();
    this.#loop = this.#run();
    return Object.fromEntries(workflows.map(({ name, id }) => [name, id]));
  }

  async stop(graceMs = 30_000): Promise<void> {
    this.#stopping = true;
    for (const session of this.#sessions.values()) session.pause();
    if (this.#sessions.size > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
      const timer = new AbortController();
      await Promise.race([idle, pause(graceMs, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
    }
    for (const session of this.#sessions.values()) session.withdraw();
    this.#poll?.abort();
    await this.#loop;
    const id = this.#id;
    this.#outbox.close();
    if (id !== null) await this.#options.client.call(leaveTaskWorker, { params: { id } }).catch((error) => this.#tell(error));
  }

  async #register(): Promise<AnswerOf<typeof registerTaskWorker>['workflows']> {
    const { client, workflows, queues = ['default'], concurrency = 10, leaseMs } = this.#options;
    const { name = `${hostname()}:${process.pid}` } = this.#options;
    const { id, workflows: known } = await client.call(registerTaskWorker, {
      body: {
        ...{ name, concurrency, queues: [...queues] },
        ...(leaseMs === undefined ? {} : { lease_ms: leaseMs }),
        workflows: workflows.map((one) => ({ name: one.name, definition: one.definition })),
      },
    });
    this.#id = id;
    this.#outbox.open(id);
    return known;
  }

  async #run(): Promise<void> {
    while (!this.#stopping || this.#sessions.size > 0) {
      try {
        if (this.#id === null) await this.#register();
        await this.#ask(this.#id ?? '');
      } catch (error) {
        this.#tell(error);
        if (error instanceof NotFoundError) this.#lose();
        else await pause(error instanceof AuthorizationError ? POLL_MS : RETRY_MS);
      }
    }
  }

  async #ask(id: string): Promise<void> {
    const poll = new AbortController();
    this.#poll = poll;
    const { client, concurrency = 10 } = this.#options;
    const sessions = [...this.#sessions].map(([of, session]) => ({ id: of, awaits: session.awaits(), pausing: session.pausing }));
    const free = this.#stopping ? 0 : Math.max(0, concurrency - sessions.length);
    const asked = client.call(pollTaskWorker, { params: { id }, body: { free, wait_ms: POLL_MS, sessions }, signal: poll.signal });
    // An answer that is lost by this is given again to the next poll.
    const answer = await asked.catch((error: unknown) => (poll.signal.aborted ? null : Promise.reject(error)));
    this.#poll = null;
    if (answer === null) return;
    for (const of of answer.gone) this.#sessions.get(of)?.withdraw();
    for (const of of answer.pausing) this.#sessions.get(of)?.pause();
    for (const { id: of, steps } of answer.news) this.#sessions.get(of)?.onNews(steps);
    for (const work of answer.work) this.#begin(work);
  }

  #begin(work: Work): void {
    const code = this.#options.workflows.find((one) => one.name === work.workflow);
    if (code === undefined || this.#sessions.has(work.id)) return;
    const session: CodeSession = new CodeSession(work, code, {
      post: (report) => this.#outbox.add(work.id, report),
      changed: () => this.#askAgain(),
      ended: () => this.#end(work.id, session),
    });
    this.#sessions.set(work.id, session);
    if (this.#stopping) session.pause();
    session.start();
  }

  #end(id: string, session: CodeSession): void {
    if (this.#sessions.get(id) !== session) return;
    const wasFull = this.#sessions.size >= (this.#options.concurrency ?? 10);
    this.#sessions.delete(id);
    if (wasFull) this.#askAgain();
    if (this.#sessions.size === 0) this.#onIdle?.();
  }

  /** The poll under way asks for less than there is to ask for. */
  #askAgain(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = null;
      this.#poll?.abort();
    }, GATHER_MS);
  }

  /** Declared dead: what it had under way is somebody else's by now. */
  #lose(): void {
    this.#id = null;
    this.#outbox.close();
    for (const session of [...this.#sessions.values()]) session.withdraw();
  }

  #tell(error: unknown): void {
    this.#options.onError?.(error);
  }
}
