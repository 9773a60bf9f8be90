import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { WaitKind } from '#lib/engine/events.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { isAway } from './counters.ts';
import { waitToken } from './receive.ts';
import { keyOf, placeOf, stepAt } from './scope.ts';
import { isFinal, type RunState, type Scope, type StepState, scopesOf } from './state.ts';

/** A wait that somebody outside may answer, as lists show it. */
export interface OpenWait {
  readonly step: string;
  readonly attempt: number;
  readonly kind: WaitKind;
  readonly token: string;
  readonly wakeAt: number | null;
  readonly since: number;
  /** Of an event: its type. */
  readonly matchKey: string | null;
  readonly data: Json;
  /** Of a remote step: the queue whose workers may execute it, and its own priority where it has one. */
  readonly queue: string | null;
  readonly priority: number | null;
}

/** Kinds that somebody outside ends. */
const ANSWERED: readonly string[] = ['event', 'approval', 'child'] satisfies WaitKind[];

/** The open wait of a step, null where it has none. */
export function openWait(state: RunState, key: string): OpenWait | null {
  const place = placeOf(state, key);
  return place === undefined || isFinal(state.status) ? null : waitOf(place.scope, place.index);
}

/** All open waits of a run, those inside loops too. */
export function openWaits(state: RunState): OpenWait[] {
  if (isFinal(state.status)) return [];
  const found: OpenWait[] = [];
  for (const scope of scopesOf(state)) {
    for (const [index, at] of scope.steps.entries()) {
      const wait = at.waiting === null && !isAway(at) ? null : waitOf(scope, index);
      if (wait !== null) found.push(wait);
    }
  }
  return found;
}

function waitOf(scope: Scope, index: number): OpenWait | null {
  const { step, at } = stepAt(scope, index);
  const key = keyOf(scope, index);
  if (step.call === null && (isAway(at) || at.waiting?.kind === 'remote')) return offerTo(step, key, at);
  const { waiting } = at;
  if (waiting === null || !ANSWERED.includes(waiting.kind) || at.status !== 'waiting') return null;
  const { wakeAt, since, data } = waiting;
  const eventType = waiting.kind === 'event' && isJsonObject(data) && typeof data.event_type === 'string' ? data.event_type : null;
  return {
    step: key,
    attempt: at.attempt,
    kind: waiting.kind as WaitKind,
    token: waitToken(at),
    wakeAt,
    since,
    matchKey: eventType,
    data,
    queue: null,
    priority: null,
  };
}

/** A step that is offered to another worker, or executed by one: the offer stands until the step has ended there. */
function offerTo(step: GraphStep, key: string, at: StepState): OpenWait {
  const attempt = at.status === 'running' ? at.attempt : at.attempt + 1;
  const since = at.waiting?.since ?? at.startedAt ?? 0;
  const { queue, source } = step;
  const base = { step: key, attempt, kind: 'remote', token: at.remote ?? '', wakeAt: null, since, matchKey: null, data: null } as const;
  return { ...base, queue, priority: source.priority ?? null };
}
