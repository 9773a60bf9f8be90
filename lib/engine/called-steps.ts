import { isJsonObject } from '#lib/base/json.ts';
import type { NewRunEvent } from '#lib/engine/events.ts';
import { type Graph, type GraphStep, retryPolicy } from '#lib/workflow/graph.ts';
import { idOfKey } from '#lib/workflow/step-key.ts';
import { isSettled } from './readiness.ts';
import { enlist, scopeOfKey, stepAt } from './scope.ts';
import { blankStep, type RunState, type Scope } from './state.ts';

/**
 * Steps that code asks for while it runs. The code of a step is executed elsewhere (`offeredAs`), by replay: it is begun
 * anew as often as necessary and given the results that the journal has. What it asks for are steps of its run like any
 * other, added by `step_called`; the engine times their retries, sleeps and waits, and the code's executor does their work.
 *
 *     code:    offered ─▶ running ⇄ parked (waiting for `code`) ─▶ completed | failed       what is still open then is cancelled
 *     called:  pending ─▶ running ─▶ completed | failed
 *                 ▲          ├─▶ retry, when due ─▶ waiting for `code` ─▶ running            a sleep or an event is an ordinary wait
 *                 └ its code takes it up   └─ its worker died ─▶ waiting for `code` ─▶ running
 *
 * Parked code is begun again when there is something for it: a result that it has not seen, or a step to take up.
 */

/** A run's own copy of its graph, which grows. */
interface GrownGraph extends Graph {
  readonly steps: GraphStep[];
  readonly byId: Map<string, GraphStep>;
  readonly drawn: Graph;
}

type Called = Extract<NewRunEvent, { type: 'step_called' }>;

/** The graph without the steps that code has asked for. */
export function drawnGraph(graph: Graph): Graph {
  return graph.drawn ?? graph;
}

/** Takes `step_called` in: the run has one more step. */
export function callStep(state: RunState, event: Called): void {
  const scope = scopeOfKey(state, event.step);
  const id = idOfKey(event.step);
  const by = scope?.graph.byId.get(idOfKey(event.by));
  if (scope === undefined || by === undefined || scope.graph.byId.has(id)) return;
  const graph = isGrown(scope.graph) ? scope.graph : grown(scope.graph);
  scope.graph = graph;
  add(graph, calledStep(event, id, graph.steps.length, by));
  scope.steps.push(blankStep(stepAt(scope, by.index).at.execution));
  state.total++;
}

function grown(drawn: Graph): GrownGraph {
  return { ...drawn, steps: [...drawn.steps], byId: new Map(drawn.byId), drawn };
}

function isGrown(graph: Graph): graph is GrownGraph {
  return graph.drawn !== undefined;
}

function add(graph: GrownGraph, step: GraphStep): void {
  graph.steps.push(step);
  graph.byId.set(step.id, step);
}

function calledStep(event: Called, id: string, index: number, by: GraphStep): GraphStep {
  const { kind, name, count, step_type: type, config, retry, timeout_ms: timeout = null, seen } = event;
  return {
    ...{ index, id, type, config, timeout, queue: by.queue, retry: retryPolicy(retry), call: { by: by.index, kind, name, count, seen } },
    // Whether its failure is one of the run is for its code to say.
    source: { id, name: `${name}-${count}`, type, config, on_error: 'continue', ...(retry === undefined ? {} : { retry }) },
    ...{ incoming: [], outgoing: [], join: { kind: 'all', allowFailed: false }, cancelRest: false, contextFrom: [], argsFrom: [] },
    ...{ skipWhen: null, runWhen: null, goodUntil: null, enabled: true, onError: 'continue', fallback: null, fallbackFor: [] },
    ...{ hasErrorEdge: false, pure: false, onCrash: 'retry', priority: 0, sensitive: by.sensitive, body: null },
  };
}

/** The steps that the code of the step at this index has asked for, in that order. */
export function callsOf(scope: Scope, index: number): GraphStep[] {
  return scope.graph.drawn === undefined ? [] : scope.graph.steps.filter((step) => step.call?.by === index);
}

/** How many of them have ended. Parked code says how many it knows of. */
export function endedCalls(scope: Scope, index: number): number {
  return callsOf(scope, index).filter((step) => isSettled(stepAt(scope, step.index).at.status)).length;
}

/** True where parked code has something to do. */
export function isWantedAgain(scope: Scope, index: number): boolean {
  const { at } = stepAt(scope, index);
  if (at.status !== 'waiting' || at.waiting?.kind !== 'code') return false;
  const { data } = at.waiting;
  const known = isJsonObject(data) && typeof data.known === 'number' ? data.known : 0;
  if (endedCalls(scope, index) > known) return true;
  return callsOf(scope, index).some((step) => {
    const called = stepAt(scope, step.index).at;
    return called.status === 'pending' || called.waiting?.kind === 'code';
  });
}

/** Something has happened to a step: code that is parked may have to look at it. */
export function tellCode(scope: Scope, index: number): void {
  if (scope.graph.drawn === undefined) return;
  const code = stepAt(scope, index).step.call?.by ?? index;
  if (isWantedAgain(scope, code)) enlist(scope, code);
}

/** Forgets what the code of these steps has asked for: it begins at its beginning. */
export function dropCalls(scope: Scope, ids: ReadonlySet<string>): void {
  const { drawn } = scope.graph;
  if (drawn === undefined) return;
  const kept = scope.graph.steps.filter(({ call }) => call !== null && !ids.has(stepAt(scope, call.by).step.id));
  const states = kept.map((step) => stepAt(scope, step.index).at);
  const graph = grown(drawn);
  for (const step of kept) add(graph, { ...step, index: graph.steps.length });
  scope.steps.splice(drawn.steps.length, scope.steps.length, ...states);
  scope.graph = kept.length === 0 ? drawn : graph;
}
