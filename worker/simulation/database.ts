import type { Bugs } from './bugs.ts';
import { Chance } from './chance.ts';
import type { Outside, Written } from './outside.ts';
import { type Answer, type Call, type Job, NOTHING, type Twin } from './statement.ts';
import { Tables } from './tables.ts';
import { twinOf } from './twins.ts';
import type { Process, World } from './world.ts';

/**
 * The simulated database and the network to it. Each statement travels there, is done at once or waits for the transaction
 * that is open, and its answer travels back; on either way it may be late, or lost with its connection.
 *
 * Transactions go one after another (whoever is in one holds the only lock), so what statements of two open transactions
 * would do to each other is not to be seen here. Statements by themselves come in any order.
 */

export type Config =
  | string
  | { readonly text: string; readonly name?: string; readonly values?: readonly unknown[]; readonly query_timeout?: number };

/** Milliseconds after which a pool gives a statement up, where that says nothing of its own. */
const PATIENCE = 30_000;

interface Statement {
  readonly text: string;
  readonly name: string | undefined;
  readonly values: readonly unknown[];
}

export class Database {
  readonly tables = new Tables();
  readonly world: World;
  /** Milliseconds by which its clock is wrong. */
  skew = 0;
  statements = 0;
  readonly #outside: Outside;
  readonly #bugs: Bugs;
  readonly #chance: Chance;
  #holder: Session | null = null;
  #holderWrote = false;
  #waiting: (() => void)[] = [];
  readonly #cut = new Map<Process, (() => void)[]>();
  readonly #sessions = new Set<Session>();
  #written: Written[] = [];
  #notes: [string, string][] = [];
  #jobs: Job[] = [];

  constructor(world: World, seed: number, outside: Outside, bugs: Bugs) {
    this.world = world;
    this.#outside = outside;
    this.#bugs = bugs;
    this.#chance = new Chance(seed, 'network');
  }

  get now(): number {
    return Math.floor(this.world.now + this.skew);
  }

  /** True while what the tables hold is not committed. */
  get isOpen(): boolean {
    return this.#holder !== null;
  }

  /** Nothing gets through between a process and the database until `heal`. */
  cut(process: Process): void {
    if (!this.#cut.has(process)) this.#cut.set(process, []);
  }

  /** What was on its way arrives now, or was lost. */
  heal(process: Process): void {
    const held = this.#cut.get(process) ?? [];
    this.#cut.delete(process);
    for (const go of held) this.world.after(this.#latency(), null, go);
  }

  isCut(process: Process): boolean {
    return this.#cut.has(process);
  }

  /** Ends the connections of a process that is gone: its open transaction is undone. */
  forget(process: Process): void {
    for (const session of [...this.#sessions]) if (session.process === process) this.#close(session);
  }

  /** A pool of this process, as `pg` would give it. */
  poolOf(process: Process): object {
    return {
      query: (config: Config, values?: readonly unknown[]) => this.#ask(process, null, config, values),
      connect: async () => {
        const session = new Session(process);
        this.#sessions.add(session);
        return {
          query: (config: Config, values?: readonly unknown[]) => this.#ask(process, session, config, values),
          release: () => this.#close(session),
        };
      },
      on: () => {},
      end: async () => {},
    };
  }

  #latency(): number {
    const next = this.#chance.next();
    if (next < 0.9) return 0.2 + this.#chance.next();
    return next < 0.99 ? this.#chance.next() * 15 : this.#chance.next() * 150;
  }

  #ask(process: Process, session: Session | null, config: Config, values?: readonly unknown[]): Promise<Answer> {
    const text = typeof config === 'string' ? config : config.text;
    const name = typeof config === 'string' ? undefined : config.name;
    const given = values ?? (typeof config === 'string' ? [] : (config.values ?? []));
    this.statements++;
    const fate = this.#outside.fateOf(process, text);
    return new Promise((resolve, reject) => {
      const patience = (typeof config === 'string' ? undefined : config.query_timeout) ?? PATIENCE;
      this.world.after(patience, process, () => reject(new Error('Connection terminated: query read timeout')));
      const answer = (go: () => void): void => {
        if (this.#cut.has(process)) this.#cut.get(process)?.push(() => this.world.after(0, process, go));
        else this.world.after(this.#latency(), process, go);
      };
      const lose = (): void => {
        if (session !== null) this.#close(session);
        answer(() => reject(new Error('Connection terminated unexpectedly')));
      };
      const arrive = (): void => {
        const held = this.#cut.get(process);
        if (held !== undefined) {
          // A half-open connection: most of what was sent arrives late, some of it never.
          held.push(this.#chance.percent(70) ? arrive : lose);
          return;
        }
        if (fate === 'lost before' || session?.closed === true) {
          lose();
          return;
        }
        this.#inTurn(session, text, name, () => {
          let result: Answer | Error;
          try {
            result = this.#execute(process, session, { text, name, values: given });
          } catch (thrown) {
            result = thrown as Error;
            if (!('code' in result)) throw result;
          }
          if (fate === 'lost after') lose();
          else answer(() => (result instanceof Error ? reject(result) : resolve(result)));
        });
      };
      this.world.after(this.#latency(), null, arrive);
    });
  }

  /** Now, or when the transaction that is open has ended. */
  #inTurn(session: Session | null, text: string, name: string | undefined, go: () => void): void {
    const reads = twinOf(text, name)?.reads === true || TRANSACTION.test(text);
    const free = this.#holder === null || this.#holder === session || (session === null && reads && !this.#holderWrote);
    if (!free) {
      this.#waiting.push(() => this.#inTurn(session, text, name, go));
      return;
    }
    go();
  }

  #execute(process: Process, session: Session | null, statement: Statement): Answer {
    const { text, name, values } = statement;
    if (session !== null && TRANSACTION.test(text)) return this.#bound(session, text);
    const twin = twinOf(text, name);
    if (twin === null) return NOTHING;
    if (session?.open === true && this.#holder === null) {
      this.#holder = session;
      this.#holderWrote = false;
      this.tables.begin();
    }
    const alone = this.#holder !== session || session === null;
    if (!alone) this.#holderWrote ||= twin.reads !== true && twin.locks !== true;
    if (alone && twin.reads !== true && this.#bugs.has('early answer') && name?.startsWith('append') === true)
      return this.#answerEarly(process, twin, statement);
    return this.#run(twin, text, values, alone);
  }

  #run(twin: Twin, text: string, values: readonly unknown[], alone: boolean): Answer {
    if (alone && twin.reads !== true) this.tables.begin();
    try {
      const answer = twin.run(this.#call(text, values));
      if (alone && twin.reads !== true) this.#commit();
      return answer;
    } catch (thrown) {
      if (alone && twin.reads !== true) this.#rollBack();
      throw thrown;
    }
  }

  #call(text: string, values: readonly unknown[]): Call {
    return {
      tables: this.tables,
      now: this.now,
      text,
      values,
      bugs: this.#bugs,
      notify: (channel, payload) => this.#notes.push([channel, payload]),
      addJob: (job) => this.#jobs.push(job),
      writes: (run, worker) => {
        const alive = worker !== null && this.tables.workers.get(worker)?.status === 'alive';
        this.#written.push({ run, worker, owner: this.tables.runs.get(run)?.owner ?? null, alive });
      },
    };
  }

  /** The bug 'early answer': what is written later is never written where the process dies before. */
  #answerEarly(process: Process, twin: Twin, { text, name, values }: Statement): Answer {
    this.tables.begin();
    const answer = twin.run(this.#call(text, values));
    this.#rollBack();
    const write = (): void => {
      if (process.dead) return;
      this.#inTurn(null, text, name, () => {
        try {
          this.#run(twin, text, values, true);
        } catch {
          // Its row is there already.
        }
      });
    };
    this.world.after(10, null, write);
    return answer;
  }

  #bound(session: Session, text: string): Answer {
    if (text === 'begin') {
      session.open = true;
    } else {
      session.open = false;
      if (this.#holder === session) {
        if (text === 'commit') this.#commit();
        else this.#rollBack();
        this.#letNext();
      }
    }
    return NOTHING;
  }

  #commit(): void {
    const { tables } = this;
    tables.commit();
    if (tables.touched.size > 0 || this.#written.length > 0) this.#outside.onCommit(tables.touched, this.#written);
    tables.touched.clear();
    for (const [channel, payload] of this.#notes) this.#outside.onNotify(channel, payload);
    for (const job of this.#jobs) this.#outside.onJob(job);
    this.#clear();
  }

  #rollBack(): void {
    this.tables.rollBack();
    this.#clear();
  }

  #clear(): void {
    this.#written = [];
    this.#notes = [];
    this.#jobs = [];
  }

  #letNext(): void {
    this.#holder = null;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  #close(session: Session): void {
    session.closed = true;
    session.open = false;
    this.#sessions.delete(session);
    if (this.#holder !== session) return;
    this.#rollBack();
    this.#letNext();
  }
}

const TRANSACTION = /^(begin|commit|rollback)$/;

class Session {
  readonly process: Process;
  open = false;
  closed = false;

  constructor(process: Process) {
    this.process = process;
  }
}
