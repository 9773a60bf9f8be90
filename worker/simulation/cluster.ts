import type { Log } from '#lib/base/log.ts';
import type { LockClient } from '#lib/db/workers.ts';
import { WorkerLease } from '#lib/db/workers.ts';
import { executeApproval } from '#lib/steps/approval/execute.ts';
import { executeCondition } from '#lib/steps/condition/execute.ts';
import { executeLoop } from '#lib/steps/loop/execute.ts';
import { executeSubWorkflow } from '#lib/steps/sub-workflow/execute.ts';
import { executeTransform } from '#lib/steps/transform/execute.ts';
import { executeWait } from '#lib/steps/wait/execute.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import type { Executors } from '#worker/prepared-step.ts';
import { RunWorker } from '#worker/run-worker.ts';
import type { JobTasks } from '#worker/wakers.ts';
import { simulatedCatalog } from './catalog.ts';
import type { Chance } from './chance.ts';
import type { Database } from './database.ts';
import type { Observer } from './observer.ts';
import type { PlannedWorker } from './plan.ts';
import type { Services } from './services.ts';
import type { Job } from './statement.ts';
import { Process, type World } from './world.ts';

/** The address that the product believes its database to have. */
export const URL = 'postgres://localhost/simulated';

/** A compiled definition as the product keeps it in memory. */
export interface KnownDefinition {
  readonly hash: string;
  readonly definition: Definition;
  readonly graph: Graph;
}

/** What hints and jobs are up to just now: the share of a hundred that is lost, comes twice, or comes late. */
export interface Weather {
  lostHints: number;
  doubleHints: number;
  lateHints: number;
  lostJobs: number;
  doubleJobs: number;
}

interface Node {
  readonly plan: PlannedWorker;
  process: Process;
  worker: RunWorker | null;
  listeners: Map<string, Set<(payload: string | null) => void>>;
  tasks: JobTasks | null;
  lock: { readonly key: string; readonly lost: () => void } | null;
  starts: number;
}

/** The processes of an installation, and the hints and jobs that go between them. */
export class Cluster {
  readonly weather: Weather = { lostHints: 1, doubleHints: 1, lateHints: 2, lostJobs: 1, doubleJobs: 1 };
  readonly web: Process;
  readonly #world: World;
  readonly #database: Database;
  readonly #services: Services;
  readonly #observer: Observer;
  readonly #chance: Chance;
  readonly #definitions: readonly KnownDefinition[];
  readonly #nodes: Node[];
  readonly #jobs = new Map<string, number>();
  #jobNumber = 0;

  constructor(parts: {
    readonly world: World;
    readonly database: Database;
    readonly services: Services;
    readonly observer: Observer;
    readonly chance: Chance;
    readonly definitions: readonly KnownDefinition[];
    readonly workers: readonly PlannedWorker[];
  }) {
    this.#world = parts.world;
    this.#database = parts.database;
    this.#services = parts.services;
    this.#observer = parts.observer;
    this.#chance = parts.chance;
    this.#definitions = parts.definitions;
    this.web = this.#processOf('web', null);
    this.#nodes = parts.workers.map((plan, index) => {
      const process = new Process(this.#world, `worker ${index}`);
      return { plan, process, worker: null, listeners: new Map(), tasks: null, lock: null, starts: 0 };
    });
  }

  start(): void {
    for (const node of this.#nodes) this.#boot(node);
  }

  /** The process of a worker, whichever it is by now. */
  processOf(worker: number): Process {
    return this.#node(worker).process;
  }

  /** Ends a process as kill -9 does; another begins after `away` milliseconds. */
  kill(worker: number, away: number): void {
    this.#die(this.#node(worker), away);
  }

  killProcess(process: Process, away: number): void {
    const node = this.#nodes.find((one) => one.process === process);
    if (node !== undefined) this.#die(node, away);
  }

  /** Asks a worker to leave in good order, as a deploy does. */
  retire(worker: number, grace: number): void {
    const node = this.#node(worker);
    const { process, worker: leaving } = node;
    if (leaving === null || process.dead) return;
    this.#world.after(0, process, () => {
      const gone = (): void => {
        if (node.process === process) this.#die(node, 50);
      };
      leaving.stop(grace).then(gone, gone);
    });
  }

  cutLock(worker: number): void {
    const { lock, process } = this.#node(worker);
    if (lock === null || process.dead) return;
    this.#database.tables.locks.delete(lock.key);
    this.#world.after(1, process, lock.lost);
  }

  notify(channel: string, payload: string): void {
    for (const node of this.#nodes) {
      if (this.#chance.percent(this.weather.lostHints)) continue;
      const times = this.#chance.percent(this.weather.doubleHints) ? 2 : 1;
      for (let time = 0; time < times; time++) {
        const late = this.#chance.percent(this.weather.lateHints) ? this.#chance.int(5, 3000) : this.#chance.next() * 2;
        const { process } = node;
        if (!this.#database.isCut(process)) this.#world.after(late, process, () => this.#tell(node, channel, payload));
      }
    }
  }

  addJob(job: Job): void {
    if (this.#chance.percent(this.weather.lostJobs)) return;
    const number = ++this.#jobNumber;
    if (job.key !== null) this.#jobs.set(job.key, number);
    const wait = job.at === null ? 0 : job.at - this.#database.now;
    const times = this.#chance.percent(this.weather.doubleJobs) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      this.#world.after(wait + this.#chance.next() * 20, null, () => {
        if (job.key !== null && this.#jobs.get(job.key) !== number) return;
        const able = this.#nodes.filter((node) => node.tasks !== null && !node.process.dead && !this.#database.isCut(node.process));
        if (able.length === 0) return;
        const node = this.#chance.pick(able);
        this.#world.after(0, node.process, () => node.tasks?.[job.task]?.({ returned: job.returned }));
      });
    }
  }

  #node(worker: number): Node {
    const node = this.#nodes[worker % this.#nodes.length];
    if (node === undefined) throw new Error('There is no worker');
    return node;
  }

  #tell(node: Node, channel: string, payload: string | null): void {
    for (const listener of node.listeners.get(channel) ?? []) listener(payload);
  }

  #boot(node: Node): void {
    node.starts++;
    node.listeners = new Map();
    node.tasks = null;
    node.lock = null;
    const process = this.#processOf(`${node.process.name.split('.')[0]}.${node.starts}`, node);
    node.process = process;
    this.#world.after(0, process, () => {
      const { queues, slots, lanes } = node.plan;
      const executors: Executors = {
        condition: executeCondition,
        loop: executeLoop,
        transform: executeTransform,
        wait: executeWait,
        approval: executeApproval,
        workflow: executeSubWorkflow,
        work: this.#services.executorOf(process, () => node.worker?.id ?? ''),
        once: this.#services.executorOf(process, () => node.worker?.id ?? ''),
      };
      const worker = new RunWorker({
        ...{ catalog: simulatedCatalog, executors, slots, queues, lanes },
        mockUrl: 'http://simulated/mock',
        fetch,
        log: this.#log,
        lease: new WorkerLease(() => this.#lockClient(node, process)),
        startJobs: async (tasks) => {
          if (node.process === process) node.tasks = tasks;
          return { stop: async () => {} };
        },
        onFenced: () => this.#world.after(0, null, () => node.process === process && this.#die(node, 100)),
      });
      node.worker = worker;
      // As its launcher does with a process that cannot start.
      worker.start().catch(() => this.#world.after(0, null, () => node.process === process && this.#die(node, 300)));
    });
  }

  #die(node: Node, away: number): void {
    const { process } = node;
    if (process.dead) return;
    process.dead = true;
    node.tasks = null;
    const { lock } = node;
    // The other host learns of it at once, or when its patience is over.
    this.#world.after(this.#chance.percent(80) ? this.#chance.next() * 5 : this.#chance.int(100, 6000), null, () => {
      if (lock !== null) this.#database.tables.locks.delete(lock.key);
      this.#database.forget(process);
    });
    this.#world.after(away, null, () => this.#boot(node));
  }

  /** What the product keeps for a process on `globalThis`. */
  #processOf(name: string, node: Node | null): Process {
    const process = new Process(this.#world, name);
    const pool = this.#database.poolOf(process) as { query: (config: object) => Promise<{ rows: object[] }> };
    const findUnique = async ({ where: { hash } }: { where: { hash: string } }) =>
      (await pool.query({ name: 'find_definition', text: 'find_definition', values: [hash] })).rows[0] ?? null;
    const listen = (channel: string, listener: (payload: string | null) => void): (() => void) => {
      const listeners = node?.listeners.get(channel) ?? new Set();
      node?.listeners.set(channel, listeners);
      listeners.add(listener);
      return () => listeners.delete(listener);
    };
    process.globals.set('weftlineDatabase', { url: URL, prisma: { definition: { findUnique } }, pool, relaxed: pool });
    process.globals.set('weftlineDispatcher', { url: URL, ready: Promise.resolve() });
    process.globals.set('weftlineHub', { url: URL, listen, ready: async () => {}, close: async () => {} });
    if (!this.#chance.percent(5)) process.globals.set('weftlineDefinitions', new Map(this.#definitions.map(inMemory)));
    return process;
  }

  #lockClient(node: Node, process: Process): LockClient {
    const lost: (() => void)[] = [];
    const pool = this.#database.poolOf(process) as { query: (text: string) => Promise<unknown> };
    return {
      on: (_, listener) => lost.push(listener),
      connect: () => pool.query('select 1'),
      query: async (_, [key]) => {
        await pool.query('select 1');
        this.#database.tables.locks.add(String(key));
        node.lock = { key: String(key), lost: () => lost.forEach((go) => void go()) };
      },
      end: async () => {
        if (node.lock !== null) this.#database.tables.locks.delete(node.lock.key);
      },
    };
  }

  get #log(): Log {
    const log: Log = {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: (message, fields) => {
        if (message.startsWith('A run cannot be driven') || message.startsWith('The database refuses'))
          this.#observer.blame(`${message}: ${fields?.error instanceof Error ? fields.error.stack : String(fields?.error)}`);
      },
      with: () => log,
    };
    return log;
  }
}

function inMemory({ hash, definition, graph }: KnownDefinition): [string, object] {
  return [
    hash,
    { definition: Promise.resolve(definition), graph: { catalog: simulatedCatalog, graph: Promise.resolve(graph), loaded: graph } },
  ];
}
