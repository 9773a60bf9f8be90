import { idFromUuid, uuidFromId } from '#lib/base/ids.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { requestCancel, requestPause, requestReopen, requestResume } from '#lib/db/control-runs.ts';
import { createRuns } from '#lib/db/create-runs.ts';
import { postMail } from '#lib/db/mailbox.ts';
import { transaction } from '#lib/db/transaction.ts';
import { type ApprovalRow, takeApproval } from '#lib/db/waits.ts';
import { runLimit } from '#lib/server/run-limit.ts';
import { simulatedCatalog } from './catalog.ts';
import type { Cluster, KnownDefinition } from './cluster.ts';
import type { Database } from './database.ts';
import { WORKSPACE_ID, workflowId, workflowUuid } from './names.ts';
import { journalRows, type Observer } from './observer.ts';
import { CALM, type Plan, type PlannedRun, type PlannedWish } from './plan.ts';
import { isEnded, type WaitRow } from './tables.ts';
import type { World } from './world.ts';

/** People and programs: they start runs, wish something of them, send events, decide; and try again until they are answered. */
export class Callers {
  readonly #plan: Plan;
  readonly #world: World;
  readonly #database: Database;
  readonly #cluster: Cluster;
  readonly #observer: Observer;
  readonly #definitions: readonly KnownDefinition[];
  readonly #note: (line: string) => void;
  readonly #started = new Map<string, string>();
  /** Events that were taken in, by the run (uuid). */
  readonly #events = new Map<string, string[]>();
  /** Runs that forgot what had come, because they began anew. */
  readonly #anew = new Set<string>();
  #under = 0;
  #calm = false;

  constructor(
    plan: Plan,
    parts: {
      readonly world: World;
      readonly database: Database;
      readonly cluster: Cluster;
      readonly observer: Observer;
      readonly definitions: readonly KnownDefinition[];
      readonly note: (line: string) => void;
    },
  ) {
    this.#plan = plan;
    this.#world = parts.world;
    this.#database = parts.database;
    this.#cluster = parts.cluster;
    this.#observer = parts.observer;
    this.#definitions = parts.definitions;
    this.#note = parts.note;
  }

  /** Everything was asked, and every run has ended. */
  get done(): boolean {
    if (this.#under > 0 || this.#database.isOpen) return false;
    for (const run of this.#database.tables.runs.values()) if (!isEnded(run.status) || run.owner !== null) return false;
    return true;
  }

  uuidOf(run: string): string | undefined {
    return this.#started.get(run);
  }

  nameOf(uuid: string): string {
    return [...this.#started].find(([, id]) => id === uuid)?.[0] ?? 'a sub-workflow';
  }

  plan(): void {
    for (const run of this.#plan.runs) this.#at(run.at, () => this.#start(run));
    for (const wish of this.#plan.wishes) {
      this.#at(wish.at, () => this.#wish(wish));
      if (wish.twice) this.#at(wish.at + 2, () => this.#wish(wish));
    }
    this.#world.after(CALM, this.#cluster.web, () => {
      this.#calm = true;
      this.#bringToEnd();
    });
  }

  /** What was taken in of events is in the journal, or the run had ended before it could be read. */
  checkEnd(): void {
    for (const [run, names] of this.#events) {
      if (this.#anew.has(run)) continue;
      const unread = new Set((this.#database.tables.mail.get(run) ?? []).map((one) => JSON.parse(one.payload).payload?.id));
      const read = new Set(
        journalRows(this.#database.tables.eventsOf(run)).flatMap((row) =>
          row.type === 'event_received' ? [(row.data.payload as JsonObject | null)?.id] : [],
        ),
      );
      const { tables } = this.#database;
      for (const name of names) {
        // Removed unread by the very append that ended the run.
        const isPast = isEnded(tables.runs.get(run)?.status ?? 'running');
        if (!read.has(name) && !unread.has(name) && !(isPast && this.#late.has(name)))
          this.#observer.blame(`The event ${name} was accepted for ${this.nameOf(run)} and is lost`);
      }
    }
  }

  /** Events that came when the end of their run was decided already. */
  readonly #late = new Set<string>();

  #at(at: number, go: () => Promise<void>): void {
    this.#under++;
    this.#world.after(at, this.#cluster.web, () => {
      void this.#insist(go).finally(() => {
        this.#under--;
      });
    });
  }

  /** A caller whose answer is lost asks again. */
  async #insist(go: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await go();
        return;
      } catch (thrown) {
        if (!(thrown instanceof Error) || !thrown.message.startsWith('Connection terminated')) throw thrown;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async #start(run: PlannedRun): Promise<void> {
    const known = this.#definitions[run.workflow];
    if (known === undefined) return;
    const input = { flag: run.flag, list: run.list };
    const workflow = workflowUuid(run.workflow);
    const limit = await runLimit(known.definition, { workflowUuid: workflow, input, current: true });
    const wanted = { workspaceId: WORKSPACE_ID, workflowId: workflowId(run.workflow), version: 1, definitionHash: known.hash, input };
    const [made] = await createRuns([{ ...wanted, trigger: 'api', idempotencyKey: run.name, limit }]);
    this.#started.set(run.name, uuidFromId('run', made?.runId ?? '') ?? '');
    this.#note(`${run.name} is ${made?.runId.slice(-4)}`);
  }

  async #wish(wish: PlannedWish): Promise<void> {
    const uuid = this.#started.get(wish.run);
    if (uuid === undefined) return;
    this.#note(`${wish.name}: ${wish.kind} of ${wish.run}`);
    const place = { workspaceId: WORKSPACE_ID, runId: idFromUuid('run', uuid), catalog: simulatedCatalog };
    const steps = this.#definitions[this.#plan.runs.find((one) => one.name === wish.run)?.workflow ?? 0]?.definition.steps ?? [];
    const fromStep = steps[wish.pick % steps.length]?.id ?? null;
    switch (wish.kind) {
      case 'cancel':
        await requestCancel(place);
        break;
      case 'rollback':
        await requestCancel(place, true);
        break;
      case 'pause':
        await requestPause(place);
        break;
      case 'resume':
        await requestResume(place);
        break;
      case 'restart':
        this.#anew.add(uuid);
        await requestReopen(place, { kind: 'restart', fromStep: null });
        break;
      case 'restart from':
        await requestReopen(place, { kind: 'restart', fromStep });
        break;
      case 'resume from':
        await requestReopen(place, { kind: 'resume', fromStep });
        break;
      case 'retry':
        await requestReopen(place, { kind: 'retry', fromStep: null });
        break;
      case 'event':
        await this.#send(uuid, wish);
        break;
      case 'decide':
        await this.#decide(wish.pick);
        break;
    }
  }

  async #send(run: string, wish: PlannedWish): Promise<void> {
    const payload = { event_type: wish.pick % 3 === 0 ? 'b' : 'a', payload: { id: wish.name, n: wish.pick } };
    const [answer] = await postMail([{ runId: run, kind: 'event', payload, dedupeKey: wish.name }]);
    if (answer === 'posted' || answer === 'duplicate') {
      this.#events.set(run, [...(this.#events.get(run) ?? []), wish.name]);
      this.#late.add(wish.name);
    }
  }

  /** As `decide-approval` does: whoever takes the wait tells the run, in one transaction. */
  async #decide(pick: number): Promise<void> {
    const open = [...this.#database.tables.waits.values()].filter((one) => one.kind === 'approval');
    const wait: WaitRow | undefined = open[pick % Math.max(1, open.length)];
    if (wait === undefined) return;
    const { runId, step, token } = wait;
    const approval = { id: wait.id, run_id: runId, token } satisfies Pick<ApprovalRow, 'id' | 'run_id' | 'token'>;
    await transaction(async (client) => {
      if (!(await takeApproval(client, approval))) return;
      const payload = { decision: pick % 4 === 0 ? 'rejected' : 'approved', decided_by: { kind: 'user', id: 'u', name: 'Ada' } };
      await postMail([{ runId, kind: 'decision', step, token, payload }], client);
    });
  }

  /** When the faults are over, what waits for a person gets its answer, again and again. */
  #bringToEnd(): void {
    void this.#insist(async () => {
      for (const run of [...this.#database.tables.runs.values()]) {
        const place = { workspaceId: WORKSPACE_ID, runId: idFromUuid('run', run.id), catalog: simulatedCatalog };
        if (run.status === 'paused' && run.owner === null) await requestResume(place);
      }
      await this.#decide(1);
    }).finally(() => {
      if (this.#calm) setTimeout(() => this.#bringToEnd(), 2000);
    });
  }
}
