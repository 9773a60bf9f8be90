import { idFromUuid } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import type { PastCall, StepNews, Work } from '#lib/contracts/task-workers.ts';
import { loadGraph } from '#lib/db/definitions.ts';
import type { ClaimedStep, RunFactsRow } from '#lib/db/remote-steps.ts';
import { readAllEvents } from '#lib/db/run-events.ts';
import { fold } from '#lib/engine/apply.ts';
import { callsOf } from '#lib/engine/called-steps.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { placeOf, stepAt } from '#lib/engine/scope.ts';
import type { Scope } from '#lib/engine/state.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { idOfKey } from '#lib/workflow/step-key.ts';

/** What a task worker needs to go on with claimed code: its input, and all that it has asked for before. Null: the run went on without it. */
export async function workOf(offer: ClaimedStep, facts: RunFactsRow): Promise<Work | null> {
  const state = fold(await loadGraph(facts.definitionHash, stepCatalog), await readAllEvents(offer.runId));
  const place = placeOf(state, offer.step);
  if (place === undefined) return null;
  const { step, at } = stepAt(place.scope, place.index);
  if (at.remote !== offer.token) return null;
  return {
    id: offer.id,
    run_id: idFromUuid('run', offer.runId),
    workflow: typeof step.config.workflow === 'string' ? step.config.workflow : '',
    step: offer.step,
    execution: at.execution,
    input: facts.input,
    after: state.seq,
    calls: callsOf(place.scope, place.index).map((one) => pastCall(place.scope, one)),
  };
}

function pastCall(scope: Scope, { id, index, call }: GraphStep): PastCall {
  const { at } = stepAt(scope, index);
  return {
    ...{ step: id, kind: call?.kind ?? 'do', seen: [...(call?.seen ?? [])], status: at.status, attempt: at.attempt },
    ...{ retrying: at.waiting?.kind === 'retry', output: at.output, error: at.error },
    ended_at: at.endedAt === null ? null : new Date(at.endedAt).toISOString(),
  };
}

/** What running code has to know of an event of one of its steps; null where it is no news to it. */
export function newsOf(event: RunEvent): StepNews | null {
  if (!('step' in event)) return null;
  const base = { step: idOfKey(event.step), seq: event.seq };
  switch (event.type) {
    case 'step_completed':
      return { ...base, news: 'completed', output: event.output as Json, error: null };
    case 'step_failed':
      return { ...base, news: 'failed', output: null, error: event.error };
    case 'step_waiting':
      return event.kind === 'code' ? { ...base, news: 'due', output: null, error: null } : null;
    default:
      return null;
  }
}
