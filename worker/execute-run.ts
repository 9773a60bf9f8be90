import type { ClaimedRun } from '#lib/db/claims.ts';
import type { Appended, RunAppend } from '#lib/db/journal.ts';
import { headOf } from '#lib/db/run-head.ts';
import { apply } from '#lib/engine/apply.ts';
import { type Control, failRun, grant } from '#lib/engine/control.ts';
import { advance, type Work } from '#lib/engine/decide.ts';
import type { NewRunEvent } from '#lib/engine/events.ts';
import type { ShortStart } from '#lib/engine/journal-row.ts';
import type { Message } from '#lib/engine/message.ts';
import { receive } from '#lib/engine/receive.ts';
import { isFinal, type RunState } from '#lib/engine/state.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import type { Flushable } from './flusher.ts';
import { progressAfterCrashes } from './past-crashes.ts';
import { StepPerformer } from './perform-step.ts';
import type { FoundStep } from './prepared-step.ts';
import { idsOf, type RunIds } from './run-ids.ts';
import { RunMail } from './run-mail.ts';
import { RunRest } from './run-rest.ts';
import { RunRows } from './run-rows.ts';
import { RunWaits } from './run-waits.ts';
import { parkAfter, type Runtime } from './runtime.ts';
import { ShownHead } from './shown-head.ts';
import { stateOfClaim } from './state-of-claim.ts';
import { factsOf, type RunFacts } from './step-scope.ts';
import { WaitedChildren } from './waited-children.ts';

/**
 * One run in the hands of this worker: the state folded from its journal, the rows that are not written yet, the steps in
 * flight. Everything that happens goes through `move`: ask the engine, keep its events, do its work.
 *
 *     claimed ─▶ moving ⇄ asleep ─▶ released (ended, parked, drained)
 *                  └──────────────▶ lost     (another owner, or the worker is dead)
 *
 * A side effect begins only when all that led to it is durable; `afterDurable` holds it back until then.
 */
export class RunDriver implements Flushable {
  readonly claim: ClaimedRun;
  readonly graph: Graph;
  readonly state: RunState;
  readonly runtime: Runtime;
  #performer: StepPerformer;
  #ids: RunIds | null = null;
  #facts: RunFacts | null = null;
  readonly #rows: RunRows;
  readonly #mail: RunMail;
  readonly #waits: RunWaits;
  readonly #children: WaitedChildren;
  #sent: RunAppend | null = null;
  #control: Control = 'none';
  #asking = false;
  readonly #shown: ShownHead;
  readonly #rest: RunRest;
  #moving = false;
  #again = false;
  #draining = false;
  #over = false;

  constructor(runtime: Runtime, claim: ClaimedRun, graph: Graph) {
    this.runtime = runtime;
    this.claim = claim;
    this.graph = graph;
    this.#rest = new RunRest(runtime.slots, () => this.move());
    this.#rows = new RunRows(claim.lastSeq, progressAfterCrashes(runtime, claim));
    this.#shown = new ShownHead(claim.status);
    this.state = stateOfClaim(graph, claim);
    this.#waits = new RunWaits(this.state);
    this.#mail = new RunMail(runtime.mail, claim, (messages) => this.#receive(messages).goOn());
    this.#performer = new StepPerformer(this);
    this.#children = new WaitedChildren(this);
  }

  /** Wire ids. Made when asked for, like `facts`: steps without expressions never ask. */
  get ids(): RunIds {
    this.#ids ??= idsOf(this.claim);
    return this.#ids;
  }

  get facts(): RunFacts {
    this.#facts ??= factsOf(this.claim, this.ids, this.graph.definition.name, this.runtime.mockUrl);
    return this.#facts;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Begins, or goes on where the journal ends. */
  start(): void {
    this.#receive(this.#mail.open());
    if (this.claim.journal !== null) this.#children.adopt();
    if (this.claim.control !== 'none') this.onControl(this.claim.control);
    else this.move();
  }

  /** Ends the run as failed, whatever it was at: for what no retry can help. */
  giveUp(code: string, message: string): void {
    if (this.#over || isFinal(this.state.status)) return;
    this.#performer.dropAll();
    this.record(failRun(this.state, { code, message }, Date.now()));
    this.#settle(null);
  }

  /** Stops beginning anything; gives the run back when what is in flight has ended. */
  drain(): void {
    this.#draining = true;
    this.#rows.forgetHeld();
    this.#rest.stay();
    this.runtime.flusher.add(this);
  }

  /** Stops what is in flight without recording it; the next owner judges it. */
  abandon(): void {
    this.#performer.dropAll();
    this.runtime.flusher.add(this);
  }

  /** The run isn't ours any more: everything stops, nothing is written. */
  lose(): void {
    if (this.#over) return;
    this.#end();
    this.#performer.dropAll();
  }

  onControl(control: Control): void {
    if (this.#over || control === 'none') return;
    this.#control = control;
    const event = grant(this.state, control, Date.now());
    if (event?.type === 'run_reopened') this.#startOver(event);
    else if (event !== null) this.record(event);
    this.#rest.wake();
    this.runtime.flusher.add(this);
  }

  /** Asks the database for the run's control flag, and whether there is mail. */
  askControl(): void {
    this.#asking = true;
    this.runtime.flusher.add(this);
  }

  /** Asks the engine what follows, until nothing more follows at once. A step that ends within is seen by the loop itself. */
  move(): void {
    if (this.#over || !this.#rest.awake) return;
    this.#again = true;
    if (this.#moving) return;
    this.#moving = true;
    let wakeAt: number | null = null;
    while (this.#again && !this.#over) {
      this.#again = false;
      const moved = advance(this.state, Date.now());
      wakeAt = moved.wakeAt;
      for (const event of moved.events) this.#keepNew(event, null);
      for (const one of moved.work) if (this.#take(one)) this.#again = true;
    }
    this.#moving = false;
    this.#settle(wakeAt);
  }

  /** Writes an event that the state has already. */
  keep(event: NewRunEvent): void {
    this.#rows.keep(event, null);
    this.runtime.flusher.add(this);
  }

  /** Takes an event in: state and rows. With `start`, it ends a step whose start has no row of its own. */
  record(event: NewRunEvent, start: ShortStart | null = null): void {
    apply(this.state, event);
    this.#keepNew(event, start);
  }

  /** Calls `go` when everything recorded so far is durable, even while the run is being given back. */
  whenWritten(go: () => void): void {
    this.#rows.whenWritten(go);
  }

  /** Asks the engine, with a slot. */
  goOn(): void {
    if (this.#rest.awake || !this.#draining) this.#rest.wake();
    this.runtime.flusher.add(this);
  }

  /** Calls `go` when everything recorded so far is durable. */
  afterDurable(go: () => void): void {
    if (!this.#draining) this.#rows.afterDurable(go);
  }

  find(key: string): FoundStep {
    return this.runtime.steps.find(this.state, key);
  }

  collect(): RunAppend | null {
    if (this.#over || this.#sent !== null) return null;
    const release = this.#mayRelease();
    // There is something to ask of the run's row, or to tell it.
    const news = release || this.#asking || this.#control !== 'none' || this.#mail.unremoved;
    if (this.#rows.empty && !news) return null;
    const { id: runId, epoch, limited } = this.claim;
    const rows = this.#rows.take();
    const waits = this.#waits.changes(rows);
    const writesHead = news || waits.opened.length + waits.closed.length > 0;
    this.#sent = {
      ...{ runId, epoch, limited, rows, waits, release },
      baseSeq: this.#rows.durable,
      head: this.#shown.update(this.state, writesHead),
      taken: this.#control,
      reports: release && this.claim.reports,
      ...this.#mail.taken(),
    };
    this.#asking = false;
    this.#control = 'none';
    return this.#sent;
  }

  acknowledge(answer: Appended | undefined): void {
    const sent = this.#sent;
    this.#sent = null;
    if (this.#over || sent === null) return;
    if (answer === undefined) {
      this.runtime.log.warn('A run was lost to another owner', { run: this.ids.runId });
      this.lose();
      return;
    }
    this.#rows.wrote(sent.rows);
    this.#mail.removed(sent.mail);
    if (!answer.held) {
      this.#end();
      return;
    }
    // A pause lets end what runs, and the news that something does may be among the mail; its flag comes again.
    if (answer.control !== 'pause' || answer.mail === 0) this.onControl(answer.control);
    this.#mail.read(answer.mail);
    this.#rows.begin(() => this.#over);
    if (!this.#rows.empty || this.#mayRelease()) this.runtime.flusher.add(this);
  }

  refuse(reason: string): void {
    if (this.#over) return;
    this.#sent = null;
    this.#performer.dropAll();
    this.#rows.rollBack();
    const error = { code: 'JOURNAL_REFUSED', message: `What this run did cannot be stored: ${reason}` };
    this.record(failRun(this.state, error, Date.now()));
    this.runtime.flusher.add(this);
  }

  #keepNew(event: NewRunEvent, start: ShortStart | null): void {
    this.#rows.keep(event, start);
    this.#children.see(event);
    this.#waits.see(event);
  }

  #receive(messages: readonly Message[]): this {
    for (const message of messages) for (const event of receive(this.state, message, Date.now())) this.record(event);
    return this;
  }

  /** What was in flight belongs to what is dropped: it is stopped, and what it still reports goes nowhere. */
  #startOver(event: NewRunEvent): void {
    this.#performer.dropAll();
    this.#rows.forgetHeld();
    this.#performer = new StepPerformer(this);
    this.record(event);
  }

  /** True where it was done at once and the engine has to be asked again. */
  #take(work: Work): boolean {
    return (!this.#draining || work.kind === 'cancel_step') && this.#performer.take(work);
  }

  #settle(wakeAt: number | null): void {
    if (this.#over) return;
    if (!this.#rows.empty || this.#mayRelease()) this.runtime.flusher.add(this);
    if (this.state.status === 'waiting' && this.#performer.inFlight === 0) this.#rest.sleep();
    const at = Math.min(wakeAt ?? Infinity, this.#waits.lookAt(Date.now()));
    this.#rest.alarm(isFinal(this.state.status) || at === Infinity ? null : at, () => {
      // What waits for an answer reads first: one that came in time counts, also where its hint is late.
      if (!this.#over && !this.#draining) this.#waits.any ? this.#mail.look() : this.#rest.wake();
    });
  }

  #mayRelease(): boolean {
    if (this.#rows.holding || this.#mail.reading) return false;
    const { status } = this.state;
    if (isFinal(status) || this.#performer.inFlight > 0 || this.#children.starting > 0) return isFinal(status);
    if (status !== 'waiting' || this.#draining) return status === 'paused' || this.#draining;
    if (this.#waits.busyUntil(Date.now()) !== null) return false;
    const { wakeAt } = headOf(this.state);
    return wakeAt === null || wakeAt - Date.now() >= parkAfter(this.claim.limited, this.graph);
  }

  #end(): void {
    this.#over = true;
    this.#rows.rollBack();
    this.#mail.close();
    this.#rest.end();
    this.runtime.onEnd(this.claim.id);
  }
}
