import type { Json, JsonObject } from '#lib/base/json.ts';
import { isJsonObject } from '#lib/base/json.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import type { Graph, GraphStep } from '#lib/workflow/graph.ts';
import { stepOfKey } from '#lib/workflow/step-of-key.ts';
import { mayHoldSensitive } from './redact-input.ts';

/** What is shown in place of the output of a step marked `sensitive: "output"`. */
const REDACTED = '[REDACTED]';

/** Id of the definition's step behind a step key: `each[3].fetch` is the step `fetch` inside the loop `each`. */
function sensitive(graph: Graph, stepKey: string): boolean {
  const step = stepOfKey(graph, stepKey);
  // One that code has asked for stands in no definition: it hides what the step of its code does, and here nobody knows which that is.
  return step === undefined ? graph.steps.some((one) => one.sensitive) : hides(step);
}

/** A loop's results are made of what its steps give: one of them that hides its output hides them all. */
export function hides(step: GraphStep): boolean {
  return step.sensitive || (step.body?.graph.steps.some(hides) ?? false);
}

/** A step's output as people may see it. */
export function redactStepOutput(graph: Graph, stepKey: string, output: Json): Json {
  return output !== null && sensitive(graph, stepKey) ? REDACTED : output;
}

/** A run's output as people may see it: outputs of sensitive steps are masked, alone or by id. */
export function redactRunOutput(graph: Graph, output: Json): Json {
  if (output === null || !graph.steps.some(hides)) return output;
  const source = graph.definition.output;
  if (source !== undefined) return redactStepOutput(graph, source, output);
  if (!isJsonObject(output)) return output;
  const masked: Record<string, Json> = {};
  for (const [id, value] of Object.entries(output as JsonObject)) masked[id] = redactStepOutput(graph, id, value);
  return masked;
}

/** An event as people may see it. */
export function redactEvent(graph: Graph, event: RunEvent): RunEvent {
  if (event.type === 'step_completed' && sensitive(graph, event.step))
    return { ...event, output: redactStepOutput(graph, event.step, event.output) };
  if (event.type === 'step_started' && event.input !== undefined && mayHoldSensitive(graph, event.step))
    return { ...event, input: REDACTED };
  // Its own output in the making, or what it makes of others'.
  if (event.type === 'step_emitted' && (sensitive(graph, event.step) || mayHoldSensitive(graph, event.step)))
    return { ...event, data: REDACTED };
  if (event.type === 'step_waiting' && isJsonObject(event.data ?? null) && mayHoldSensitive(graph, event.step))
    return { ...event, data: withoutGiven(event.data as JsonObject) };
  // As many as there are, so that a reader who folds the events counts the iterations right.
  if (event.type === 'loop_opened' && event.items !== null && mayHoldSensitive(graph, event.step))
    return { ...event, items: event.items.map(() => REDACTED) };
  if (event.type === 'run_completed') return { ...event, output: redactRunOutput(graph, event.output) };
  return event;
}

/** What a step waits for, without what it was given to hand on. How it is answered follows from the rest. */
function withoutGiven(data: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, GIVEN.includes(name) ? REDACTED : value]));
}

const GIVEN: readonly string[] = ['input', 'asked'];
