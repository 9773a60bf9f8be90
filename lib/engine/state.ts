import type { Json } from '#lib/base/json.ts';
import type { RunError, RunStatus, SkipReason, StepStatus, WaitKind } from '#lib/engine/events.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import type { ConditionReads } from '#lib/workflow/read-values.ts';
import type { LoopState } from './loop-state.ts';
import type { EdgeCounts } from './readiness.ts';
import type { Timer } from './timers.ts';

/**
 * What a run's events add up to. The worker, the API and the browser fold the same events with the same `apply`
 * (`apply.ts`), so what people watch can't disagree with what is executed.
 *
 * A state belongs to whoever folds it: `apply` changes it in place, at a cost proportional to the out-degree of the
 * event's step. `revision` tells a reader that something changed.
 */
export interface RunState extends Scope {
  /** Counts applied events: equal revisions of one state are equal states. */
  revision: number;
  /** Number of the last journaled event, 0 before the first. */
  seq: number;
  status: RunStatus;
  /** Null until the run has completed. */
  output: Json;
  trigger: string | null;
  version: number | null;
  /** Milliseconds since the epoch, like every time here. */
  queuedAt: number | null;
  startedAt: number | null;
  endedAt: number | null;
  /** Milliseconds that it may take from its start: the definition's limit, or that of its start where that is shorter. */
  timeout: number | null;
  /** When a run that outlives its `timeout` is cancelled; stands still while it is paused. */
  deadline: number | null;
  pause: { readonly reason: 'request' | 'error'; readonly since: number } | null;
  cancel: { readonly reason: 'request' | 'timeout' | 'limit'; readonly rollback: boolean } | null;
  /** Where a fork comes from, and the steps whose results it was given; those did not run here. */
  forked: { readonly run: string; readonly fromStep: string | null; readonly kept: ReadonlySet<string> } | null;
  /** Of a test run: the only step it is about (null: all), and the steps that were given an output instead of running. */
  trial: { readonly target: string | null; readonly pinned: ReadonlySet<string>; readonly reused: ReadonlySet<string> } | null;
  /** The newest lines of each step by step key, at most a thousand. */
  readonly logs: Map<string, string[]>;
  /** Events from outside that no wait has taken yet, by type, each list in the order they came. */
  readonly events: Map<string, BufferedEvent[]>;
  /** Events that ever came, those taken included. */
  eventsReceived: number;
  /** Keys of the steps that wait for an event, by its type, in the order in which they began (and some that do no more). */
  readonly eventWaits: Map<string, Set<string>>;

  // What `decide` walks; kept by `apply`, over the scopes of all iterations.
  /** Scopes with something on their agenda: looking at them costs what there is to do, however many iterations there are. */
  readonly busy: Set<Scope>;
  readonly timers: Timer[];
  /** Keys of the steps still to be undone, the next one last. */
  readonly undoing: string[];
  /** The steps that run have been asked to stop. Not part of the journal. */
  stopsHandedOut: boolean;
  /** Steps that run, or that a shell has taken to start or evaluate. */
  inFlight: number;
  away: number; // Of those in flight: the ones that run on other workers.
  waiting: number;
  /** Steps that have started, so far: gives each its `order`. */
  started: number;
  /** Steps of the run, those of each iteration that has begun included. */
  total: number;
  /** Indexes of the run's own steps whose iterations are under way. */
  readonly looping: Set<number>;
  /** A step failed without being handled and the workflow says `on_error: pause`. */
  pauseDue: boolean;
}

/**
 * A graph and how far it is: the run's own, or a loop's body in one iteration. Every rule works on a scope and its
 * neighbours alone; what the run as a whole has to know is counted at its `root`.
 */
export interface Scope {
  readonly root: RunState;
  graph: Graph; // Shared with other runs, until code of this one asks for more steps (`called-steps.ts`).
  /** What the ids of its steps are called by outside: `''` for the run, `each[3].` for an iteration. */
  readonly prefix: string;
  /** By graph index. */
  readonly steps: StepState[];
  /**
   * Steps with something to do: join decided and context ended, a retry or wait that is due. What a shell has taken
   * is not on it, what waits is not either.
   */
  readonly agenda: Set<number>;
  settled: number;
  /** While the scope lives: the error it would end with now. */
  error: RunError | null;
}

export interface BufferedEvent {
  readonly nr: number; // Counts the run's events from 1.
  readonly type: string;
  readonly payload: Json;
  readonly at: number;
}

export interface StepState extends EdgeCounts {
  status: StepStatus;
  /** Executions since the last reset, the present one included; 0 before the first. */
  attempt: number;
  /** Attempts that failed and were retried; a crash of the worker is none. */
  retries: number;
  /** Counts deliberate executions from 1: part of the idempotency key, moved by resume-from and restart alone. */
  execution: number;
  /** Start of the present (or last) attempt. */
  startedAt: number | null;
  /** Start of the first attempt. */
  firstStartedAt: number | null;
  endedAt: number | null;
  input: Json | undefined;
  output: Json;
  /** Of the last attempt that failed, also while the next is awaited. */
  error: RunError | null;
  branch: string | null;
  skipReason: SkipReason | null;
  waiting: Waiting | null;
  /** 0…1 as its executor reports. */
  progress: number | null;
  /** Answers of the conditions, null before they were asked. */
  skipWhen: boolean | null;
  runWhen: boolean | null;
  conditionError: RunError | null;
  reads: ConditionReads | null;
  undo: 'running' | 'done' | 'failed' | null;
  undoError: RunError | null;
  /** Place in the order of starts, 0 before it started. */
  order: number;
  /** Context sources that have not ended. */
  contextOpen: number;
  /** Of a fallback: the steps that name it and have not ended, and those that have failed. */
  fallbackOpen: number;
  fallbackNeeded: number;
  /** The work that a shell of this process has been handed and not reported back. Not part of the journal. */
  taken: 'start' | 'evaluate' | 'examine' | 'wake' | 'undo' | null;
  lost: boolean; // Was running when its worker died (`recover`). Not part of the journal.
  /** Its cancellation was handed to a shell. Not part of the journal. */
  stopping: boolean;
  /** Names the offer by which it is, or was last, executed on another worker; null while it is executed by its run's own. */
  remote: string | null;
  /** Iterations of the present (or last) attempt, of a step that has a body. */
  loop: LoopState | null;
}

export interface Waiting {
  /** `retry` waits for its next attempt. */
  readonly kind: WaitKind | 'retry' | 'go_on';
  readonly since: number;
  /** When it is woken, null for never. */
  readonly wakeAt: number | null;
  readonly data: Json;
  /** Of a wait for an event: the last one that it has looked at, and the one that fits. */
  readonly judged?: number;
  readonly fits?: number;
  /** Of a wait for a condition: it holds; it was asked by this process (not part of the journal). */
  readonly met?: boolean;
  readonly looked?: boolean;
}

/** A run of this graph before its first event. O(steps). */
export function initialState(graph: Graph): RunState {
  const state: Omit<RunState, 'root'> = {
    graph,
    prefix: '',
    revision: 0,
    seq: 0,
    status: 'queued',
    error: null,
    output: null,
    trigger: null,
    version: null,
    queuedAt: null,
    startedAt: null,
    endedAt: null,
    timeout: graph.timeout,
    deadline: null,
    pause: null,
    cancel: null,
    forked: null,
    trial: null,
    steps: blankSteps(graph, 1),
    logs: new Map(),
    events: new Map(),
    eventsReceived: 0,
    eventWaits: new Map(),
    agenda: new Set(seeds(graph)),
    busy: new Set(),
    timers: [],
    undoing: [],
    stopsHandedOut: false,
    settled: 0,
    inFlight: 0,
    away: 0,
    waiting: 0,
    started: 0,
    total: graph.steps.length,
    looping: new Set(),
    pauseDue: false,
  };
  const root = rooted(state);
  root.busy.add(root);
  return root;
}

/** A run is its own root. */
export function rooted(state: Omit<RunState, 'root'>): RunState {
  const root: RunState = Object.assign(state, { root: state as RunState });
  return root;
}

export function blankSteps(graph: Graph, execution: number): StepState[] {
  return graph.steps.map((step) => {
    const blank = blankStep(execution);
    blank.open = step.incoming.length;
    blank.contextOpen = step.contextFrom.length;
    blank.fallbackOpen = step.fallbackFor.length;
    return blank;
  });
}

const seedsOf = new WeakMap<Graph, readonly number[]>();

/** What to look at before anything has ended: the roots, and quorums that ask for more than they have edges. */
export function seeds(graph: Graph): readonly number[] {
  let found = seedsOf.get(graph);
  if (found === undefined) {
    const impossible = graph.steps.filter((step) => step.join.kind === 'quorum' && step.join.min > step.incoming.length);
    found = [...new Set([...graph.roots, ...impossible.map((step) => step.index)])];
    seedsOf.set(graph, found);
  }
  return found;
}

/** A step to which nothing has happened yet. */
export function blankStep(execution: number): StepState {
  return {
    status: 'pending',
    attempt: 0,
    retries: 0,
    execution,
    startedAt: null,
    firstStartedAt: null,
    endedAt: null,
    input: undefined,
    output: null,
    error: null,
    branch: null,
    skipReason: null,
    waiting: null,
    progress: null,
    skipWhen: null,
    runWhen: null,
    conditionError: null,
    reads: null,
    undo: null,
    undoError: null,
    order: 0,
    open: 0,
    satisfied: 0,
    dead: 0,
    missed: 0,
    contextOpen: 0,
    fallbackOpen: 0,
    fallbackNeeded: 0,
    taken: null,
    lost: false,
    stopping: false,
    remote: null,
    loop: null,
  };
}

/** The run's scope and those of all its iterations, outer ones first. */
export function* scopesOf(scope: Scope): Generator<Scope> {
  yield scope;
  if (!hasBodies(scope.graph)) return;
  for (const { loop } of scope.steps) for (const iteration of loop?.iterations ?? []) yield* scopesOf(iteration);
}

const bodied = new WeakMap<Graph, boolean>();

/** True for a graph that may have iterations at all. */
export function hasBodies(graph: Graph): boolean {
  let has = bodied.get(graph);
  if (has === undefined) {
    has = graph.steps.some((step) => step.body !== null);
    bodied.set(graph, has);
  }
  return has;
}

/** True after `run_completed`: nothing but `run_reopened` can follow. */
export function isFinal(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}
