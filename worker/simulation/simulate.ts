import { createHash } from 'node:crypto';
import { idFromUuid } from '#lib/base/ids.ts';
import type { RunState } from '#lib/engine/state.ts';
import { canonicalText } from '#lib/workflow/canonical.ts';
import { compileGraph } from '#lib/workflow/graph.ts';
import type { Bugs } from './bugs.ts';
import { Callers } from './callers.ts';
import { simulatedCatalog } from './catalog.ts';
import { Chance } from './chance.ts';
import { Cluster, URL } from './cluster.ts';
import { Database } from './database.ts';
import { Faults } from './faults.ts';
import { WORKSPACE, workflowUuid } from './names.ts';
import { Observer } from './observer.ts';
import { CALM, type Plan } from './plan.ts';
import { Services } from './services.ts';
import { isEnded } from './tables.ts';
import { outcome } from './visible.ts';
import { BEGINNING, World } from './world.ts';

export interface Result {
  /** The promise that was broken, null where all were kept. */
  readonly broken: string | null;
  /** Runs that were accepted, those that steps have started included. */
  readonly runs: number;
  readonly moves: number;
  readonly statements: number;
  /** Calls to the world outside, and of those: again after a crash, and by workers that had not heard of their death. */
  readonly calls: { readonly all: number; readonly repeated: number; readonly late: number };
  /** Faults that struck, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Journal rows by type. */
  readonly rows: Readonly<Record<string, number>>;
  /** How each run ended, by its name in the plan. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** What happened, where it was asked for. */
  readonly trace: readonly string[];
}

const NO_BUGS: Bugs = new Set();
/** Runs that have not ended so many milliseconds after the last fault never will. */
const PATIENCE = 30 * 60_000;

/**
 * Plays a plan, from outside of any promise. `order` is the seed of all that is left to chance while it plays: how long
 * messages travel, which worker gets a job. The same plan and order give the same play, move by move.
 */
export function simulate(plan: Plan, options: { readonly order?: number; readonly bugs?: Bugs; readonly traced?: boolean } = {}): Result {
  const { order = plan.seed, bugs = NO_BUGS, traced = false } = options;
  const url = process.env.DATABASE_URL;
  process.env.DATABASE_URL = URL;
  try {
    return play(plan, order, bugs, traced);
  } finally {
    if (url === undefined) delete process.env.DATABASE_URL;
    else process.env.DATABASE_URL = url;
  }
}

function play(plan: Plan, order: number, bugs: Bugs, traced: boolean): Result {
  const world = new World(order);
  const definitions = plan.workflows.map(({ definition }, index) => {
    const hash = createHash('sha256')
      .update(`${index}${canonicalText(definition)}`)
      .digest('hex');
    return { hash, definition, graph: compileGraph(definition, simulatedCatalog) };
  });
  const trace: string[] = [];
  const note = (line: string): void => {
    if (traced) trace.push(`${(world.now - BEGINNING).toFixed(1)} ms: ${line}`);
  };
  const database: Database = new Database(
    world,
    order,
    {
      fateOf: (process, text) => faults.fateOf(process, text),
      onCommit: (touched, written) => {
        observer.onCommit(touched, written, database.now);
        if (traced)
          for (const id of touched)
            note(
              `commit ${database.tables
                .eventsOf(id)
                .slice(-6)
                .map((e) => `${e.seq} ${e.type} ${e.step ?? ''}`)
                .join(', ')} ${id.slice(-4)} ${JSON.stringify(rowShown(database, id))}`,
            );
      },
      onNotify: (channel, payload) => cluster.notify(channel, payload),
      onJob: (job) => cluster.addJob(job),
    },
    bugs,
  );
  const byHash = new Map(definitions.map((one) => [one.hash, one.graph]));
  const observer = new Observer(database.tables, (hash) => {
    const graph = byHash.get(hash);
    if (graph === undefined) throw new Error(`There is no definition ${hash}`);
    return graph;
  });
  for (const [index, { hash, definition }] of definitions.entries()) {
    const id = workflowUuid(index);
    database.tables.workflows.set(id, { id, workspaceId: WORKSPACE, hash, document: JSON.parse(JSON.stringify(definition)) });
  }
  const services = new Services(plan, database.tables, observer);
  const chance = new Chance(order, 'cluster');
  const cluster = new Cluster({ world, database, services, observer, chance, definitions, workers: plan.workers });
  const faults = new Faults(plan, { world, database, cluster, note });
  const callers = new Callers(plan, { world, database, cluster, observer, definitions, note });
  cluster.start();
  faults.plan();
  callers.plan();
  const done = (): boolean => observer.broken !== null || callers.done;
  try {
    world.play(done, BEGINNING + CALM + PATIENCE);
  } catch (thrown) {
    observer.blame(`Code threw where nobody caught it: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
  }
  const { runs } = database.tables;
  if (observer.broken === null) {
    for (const run of runs.values()) {
      if (!isEnded(run.status))
        observer.blame(
          `The run ${run.id} (${callers.nameOf(run.id)}) was accepted and never ends: ${JSON.stringify(rowShown(database, run.id))}`,
        );
    }
    callers.checkEnd();
    observer.checkEnd();
  }
  const outcomes: Record<string, string> = {};
  for (const { name } of plan.runs) {
    const state: RunState | null = observer.stateOf(callers.uuidOf(name) ?? '');
    if (state !== null) outcomes[name] = outcome(state);
  }
  if (traced)
    for (const run of runs.values())
      for (const one of database.tables.eventsOf(run.id))
        trace.push(
          `${run.id.slice(-4)} ${one.seq} ${one.type} ${one.step ?? ''} #${one.attempt ?? ''} @${one.at - BEGINNING} ${one.data ?? ''}`,
        );
  return {
    broken: observer.broken,
    runs: runs.size,
    moves: world.moves,
    statements: database.statements,
    calls: { all: services.calls, repeated: services.repeated, late: services.late },
    faults: Object.fromEntries(faults.struck),
    rows: Object.fromEntries(observer.rows),
    outcomes,
    trace,
  };
}

function rowShown(database: Database, id: string): object {
  const run = database.tables.runs.get(id);
  if (run === undefined) return {};
  const { status, owner, epoch, control, gate, mail, lastSeq, wakeAt, crashes } = run;
  return {
    id: idFromUuid('run', id).slice(-4),
    status,
    owner: owner?.slice(-4) ?? null,
    epoch,
    control,
    gate,
    mail,
    lastSeq,
    wakeAt,
    crashes,
  };
}
