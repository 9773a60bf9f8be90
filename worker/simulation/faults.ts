import type { Cluster } from './cluster.ts';
import type { Database } from './database.ts';
import type { Fate } from './outside.ts';
import { CALM, type FaultKind, type Plan, type PlannedFault, STRIKES } from './plan.ts';
import { BEGINNING, type Process, type World } from './world.ts';

/** Statements that a run depends on, and not the pulse of a worker. */
const MATTERS = /run_event|post_mail|post_remote|update run set|insert into run|claimed_by = \$1 from|^commit$/;

/** Brings the faults of a plan about, at their time or at their statement. */
export class Faults {
  readonly struck = new Map<string, number>();
  readonly #plan: Plan;
  readonly #world: World;
  readonly #database: Database;
  readonly #cluster: Cluster;
  readonly #note: (line: string) => void;
  /** By the number of the statement that they strike. */
  readonly #strikes = new Map<number, PlannedFault>();
  #mattering = 0;

  constructor(
    plan: Plan,
    parts: { readonly world: World; readonly database: Database; readonly cluster: Cluster; readonly note: (line: string) => void },
  ) {
    this.#plan = plan;
    this.#world = parts.world;
    this.#database = parts.database;
    this.#cluster = parts.cluster;
    this.#note = parts.note;
  }

  plan(): void {
    for (const fault of this.#plan.faults) {
      if (STRIKES.includes(fault.kind)) this.#strikes.set(fault.at, fault);
      else this.#world.after(fault.at, null, () => this.#bring(fault));
    }
  }

  /** What becomes of the statement that is sent now. */
  fateOf(process: Process, text: string): Fate {
    if (!MATTERS.test(text)) return 'well';
    const strike = this.#strikes.get(++this.#mattering);
    if (strike === undefined || this.#world.now > BEGINNING + CALM) return 'well';
    this.#count(strike.kind, `${process.name} at: ${text.slice(0, 60).replaceAll(/\s+/g, ' ')}`);
    switch (strike.kind) {
      case 'kill before a statement':
        this.#world.after(0, null, () => this.#cluster.killProcess(process, strike.span));
        return 'lost before';
      case 'kill after a statement':
        this.#world.after(this.#world.chance.next() * 3, null, () => this.#cluster.killProcess(process, strike.span));
        return 'well';
      case 'stall at a statement':
        // On its way, done, or answered and not heard: whichever the moment finds.
        this.#world.after(this.#world.chance.next() * 3, null, () => this.#stall(process, strike.span));
        return 'well';
      case 'cut at a statement':
        this.#world.after(this.#world.chance.next() * 2, null, () => this.#cut(process, strike.span));
        return 'well';
      case 'lose a statement':
        return 'lost before';
      default:
        return 'lost after';
    }
  }

  #count(kind: FaultKind, what: string): void {
    this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
    this.#note(`FAULT ${kind} ${what}`);
  }

  #bring(fault: PlannedFault): void {
    const { kind, worker, span } = fault;
    const process = this.#cluster.processOf(worker);
    const { weather } = this.#cluster;
    this.#count(kind, `${process.name} ${span}`);
    switch (kind) {
      case 'kill':
        this.#cluster.kill(worker, span);
        break;
      case 'stall':
        this.#stall(process, span);
        break;
      case 'partition':
        this.#cut(process, span);
        break;
      case 'retire':
        this.#cluster.retire(worker, span);
        break;
      case 'cut the lock':
        this.#cluster.cutLock(worker);
        break;
      case 'lose hints':
        this.#for(span, 'lostHints', weather);
        break;
      case 'double hints':
        this.#for(span, 'doubleHints', weather);
        break;
      case 'late hints':
        this.#for(span, 'lateHints', weather);
        break;
      case 'lose jobs':
        this.#for(span, 'lostJobs', weather);
        break;
      case 'double jobs':
        this.#for(span, 'doubleJobs', weather);
        break;
      case 'clock':
        process.skew += span;
        break;
      case 'clock of the database':
        this.#database.skew += span;
        break;
      default:
        break;
    }
  }

  #stall(process: Process, span: number): void {
    this.#world.stop(process);
    this.#later(span, () => this.#world.goOn(process));
  }

  #cut(process: Process, span: number): void {
    this.#database.cut(process);
    this.#later(span, () => this.#database.heal(process));
  }

  #for<K extends string>(span: number, what: K, weather: Record<K, number>): void {
    weather[what] = 90;
    this.#later(span, () => {
      weather[what] = 0;
    });
  }

  /** After `span`, and not after the calm begins. */
  #later(span: number, go: () => void): void {
    const left = Math.max(0, BEGINNING + CALM - this.#world.now);
    this.#world.after(Math.min(span, left), null, () => go());
  }
}
