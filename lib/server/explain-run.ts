import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { explainRun as contract } from '#lib/contracts/run-explain.ts';
import { loadGraph } from '#lib/db/definitions.ts';
import { readQueuePlace, readServedQueues } from '#lib/db/queue-place.ts';
import { readAllEvents } from '#lib/db/run-events.ts';
import { fold } from '#lib/engine/apply.ts';
import { explainKey, isoTime } from '#lib/engine/explain.ts';
import { explainRun as explainWhole, type QueuePlace } from '#lib/engine/explain-run.ts';
import { stepState } from '#lib/engine/scope.ts';
import { isFinal, type RunState } from '#lib/engine/state.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import { stepOfKey } from '#lib/workflow/step-of-key.ts';
import { loadRun } from './run-view.ts';

type Answer = AnswerOf<typeof contract>;

/** Why a run and its steps stand as they do: all outermost steps, or the one that is asked for by its key. */
export async function explainRun(access: Access, { params, query }: InputOf<typeof contract>): Promise<Answer> {
  const record = await loadRun(access, params.run_id);
  const graph = await loadGraph(record.definitionHash, stepCatalog);
  const state = fold(graph, await readAllEvents(record.uuid));
  const place = state.status === 'queued' || state.status === 'waiting' ? await queuePlace(record.uuid) : null;
  const unserved = isFinal(state.status) ? [] : await unservedQueues(graph);
  const keys = query.step === undefined ? state.graph.steps.map((step) => step.id) : [query.step];
  return {
    run: { id: record.id, status: state.status, sentence: explainWhole(state, place) },
    steps: keys.map((key) => explained(state, key, unserved)),
  };
}

async function unservedQueues(graph: Graph): Promise<string[]> {
  const served = new Set(await readServedQueues());
  return queuesOf(graph).filter((queue) => !served.has(queue));
}

function queuesOf({ steps }: Graph): string[] {
  return steps.flatMap(({ queue, body }) => [queue, ...(body === null ? [] : queuesOf(body.graph))]);
}

async function queuePlace(runUuid: string): Promise<QueuePlace | null> {
  const found = await readQueuePlace(runUuid);
  if (found === null) return null;
  const { queue, served, ahead, gated, limitKey, limitMax } = found;
  // A limit's key is its workflow's, and behind a slash the value of the definition's `key`.
  const slash = limitKey?.indexOf('/') ?? -1;
  const limit = !gated || limitMax === null ? null : { max: limitMax, key: slash < 0 ? null : (limitKey?.slice(slash + 1) ?? null) };
  return { queue, served, ahead, limit };
}

function explained(state: RunState, key: string, unserved: readonly string[]): Answer['steps'][number] {
  const why = explainKey(state, key, isoTime, unserved);
  if (why === null) throw new AppError('not_found', `The run has no step '${key}'.`);
  const { kind, sentence, edges, waitsFor, conditions } = why;
  const drawn = stepOfKey(state.graph, key);
  return {
    ...{ step_key: key, name: drawn?.source.name ?? drawn?.id ?? key, status: stepState(state, key)?.status ?? 'pending' },
    ...{ kind, sentence, edges: [...edges], waits_for: [...waitsFor] },
    conditions: conditions.map((one) => ({ ...one, read: [...one.read] })),
  };
}
