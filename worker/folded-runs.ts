import { loadGraph } from '#lib/db/definitions.ts';
import { type RunFactsRow, readRunFacts } from '#lib/db/remote-steps.ts';
import { readAllRows, readRowsAfter } from '#lib/db/run-events.ts';
import { apply } from '#lib/engine/apply.ts';
import { eventsAfter, type JournalRow } from '#lib/engine/journal-row.ts';
import { initialState, type RunState } from '#lib/engine/state.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { idsOf, type RunIds } from './run-ids.ts';
import { factsOf, type RunFacts } from './step-scope.ts';

/** A run that is owned elsewhere, as its journal tells it. */
export interface FoldedRun {
  readonly definitionHash: string;
  readonly state: RunState;
  readonly ids: RunIds;
  readonly facts: RunFacts;
}

/** Runs that nobody has asked for in so many milliseconds are forgotten. */
const KEEP_MS = 30_000;

/**
 * The runs whose steps a worker executes for others. One whose loop is fanned out to a thousand steps is read once and then
 * followed, not read a thousand times.
 */
export class FoldedRuns {
  readonly #catalog: StepCatalog;
  readonly #mockUrl: string;
  readonly #kept = new Map<string, { readonly run: FoldedRun; usedAt: number }>();

  constructor(catalog: StepCatalog, mockUrl: string) {
    this.#catalog = catalog;
    this.#mockUrl = mockUrl;
  }

  /** The runs as they are now, by uuid; those that are gone are left out. One call at a time. */
  async read(uuids: readonly string[]): Promise<Map<string, FoldedRun>> {
    this.#forget();
    const rows = await readRunFacts(uuids);
    const fresh = rows.filter((row) => this.#kept.get(row.id)?.run.definitionHash !== row.definitionHash);
    const journals = fresh.length === 0 ? null : await readAllRows(fresh.map((row) => row.id));
    const found = new Map<string, FoldedRun>();
    for (const row of rows) {
      const journal = journals?.get(row.id);
      const run = journal === undefined ? await this.#follow(row.id) : await this.#fold(row, journal);
      if (run !== null) found.set(row.id, run);
    }
    return found;
  }

  async #follow(uuid: string): Promise<FoldedRun | null> {
    const kept = this.#kept.get(uuid);
    if (kept === undefined) return null;
    const { state } = kept.run;
    for (const event of eventsAfter(await readRowsAfter(uuid, state.seq), state.seq)) apply(state, event);
    kept.usedAt = Date.now();
    return kept.run;
  }

  async #fold(row: RunFactsRow, journal: readonly JournalRow[]): Promise<FoldedRun> {
    const { definitionHash, createdAt } = row;
    const graph = await loadGraph(definitionHash, this.#catalog);
    const state = initialState(graph);
    for (const event of eventsAfter(journal, 0)) apply(state, event);
    const ids = idsOf(row);
    const facts = factsOf({ ...row, createdAt: createdAt.getTime() }, ids, graph.definition.name, this.#mockUrl);
    const run = { definitionHash, state, ids, facts };
    this.#kept.set(row.id, { run, usedAt: Date.now() });
    return run;
  }

  #forget(): void {
    const before = Date.now() - KEEP_MS;
    for (const [uuid, kept] of this.#kept) if (kept.usedAt < before) this.#kept.delete(uuid);
  }
}
