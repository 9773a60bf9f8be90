import { isJsonObject, type Json, type JsonObject, jsonEqual } from '#lib/base/json.ts';
import type { Definition, Position, Step } from './definition.ts';
import {
  dependencyOf,
  type EdgeRef,
  type EditResult,
  refused,
  sameDependency,
  unknownStep,
  withDependencies,
  withStep,
} from './edit-edges.ts';
import { type Changes, withChanges } from './edit-workflow.ts';
import { dependencyStep } from './graph.ts';
import { setAt } from './set-at.ts';
import { cyclePath, stepIndex } from './upstream.ts';

interface Placement {
  readonly on_edge?: EdgeRef;
  readonly out_branch?: string;
  readonly index?: number;
}

/** Adds a step, at the end or at `index`, and puts it on an edge where one is given. */
export function addStep(definition: Definition, step: Step, placement: Placement): EditResult {
  if (stepIndex(definition).has(step.id)) return refused('duplicate_id', `There is already a step '${step.id}'`, '/steps', step.id);
  const at = Math.max(0, Math.min(placement.index ?? definition.steps.length, definition.steps.length));
  const edge = placement.on_edge;
  if (edge === undefined) return added(definition, definition.steps, step, at);
  const targetIndex = stepIndex(definition).get(edge.to);
  const target = targetIndex === undefined ? undefined : definition.steps[targetIndex];
  if (targetIndex === undefined || target === undefined) return unknownStep(edge.to);
  const taken = dependencyOf(edge.from, edge.branch);
  if (!target.depends_on?.some((known) => sameDependency(known, taken))) {
    return refused('unknown_edge', `There is no edge from '${edge.from}' to '${edge.to}'`, `/steps/${targetIndex}/depends_on`, edge.to);
  }
  const out = dependencyOf(step.id, placement.out_branch ?? null);
  const rewired = withDependencies(
    target,
    target.depends_on.map((known) => (sameDependency(known, taken) ? out : known)),
  );
  const own = (step.depends_on ?? []).filter((known) => !sameDependency(known, taken));
  return added(definition, definition.steps.with(targetIndex, rewired), withDependencies(step, [taken, ...own]), at);
}

function added(definition: Definition, steps: readonly Step[], step: Step, at: number): EditResult {
  const next = { ...definition, steps: steps.toSpliced(at, 0, step) };
  // Dependencies that a new step brings along can close a cycle only where another step already waits for its id.
  for (const dependency of step.depends_on ?? []) {
    const source = dependencyStep(dependency);
    const cycle = cyclePath(next, source, step.id);
    if (cycle !== null)
      return refused('cycle', `Adding '${step.id}' would make a cycle: ${cycle.join(' → ')}`, `/steps/${at}/depends_on`, step.id);
  }
  return { ok: true, definition: next };
}

/** Changes fields of one step; `null` removes a key. Ids change by `rename_step` alone, because references must follow. */
export function updateStep(definition: Definition, id: string, changes: Changes<Omit<Step, 'id'>>): EditResult {
  const at = stepIndex(definition).get(id);
  const step = at === undefined ? undefined : definition.steps[at];
  if (at === undefined || step === undefined) return unknownStep(id);
  if ('id' in changes) return refused('fixed_id', 'A step id is changed by renaming the step', `/steps/${at}/id`, id);
  if (changes.type === null) return refused('required', 'A step needs a type', `/steps/${at}/type`, id);
  const next = withChanges(step, changes as Changes<Partial<Step>>);
  for (const dependency of changes.depends_on ?? []) {
    const cycle = cyclePath(definition, dependencyStep(dependency), id);
    if (cycle !== null) return refused('cycle', `This would make a cycle: ${cycle.join(' → ')}`, `/steps/${at}/depends_on`, id);
  }
  return { ok: true, definition: withStep(definition, at, next) };
}

/** Replaces the config of one step. */
export function setConfig(definition: Definition, id: string, config: JsonObject): EditResult {
  const at = stepIndex(definition).get(id);
  const step = at === undefined ? undefined : definition.steps[at];
  if (at === undefined || step === undefined) return unknownStep(id);
  return { ok: true, definition: jsonEqual(step.config ?? {}, config) ? definition : withStep(definition, at, { ...step, config }) };
}

/** Sets or (with `undefined`) removes one value inside a step's config. */
export function setConfigField(
  definition: Definition,
  id: string,
  path: readonly (string | number)[],
  value: Json | undefined,
): EditResult {
  const step = definition.steps[stepIndex(definition).get(id) ?? -1];
  if (step === undefined) return unknownStep(id);
  const config = setAt(step.config ?? {}, path, value);
  return setConfig(definition, id, isJsonObject(config) ? config : {});
}

/** Moves steps on the canvas; unknown ids are refused. */
export function moveSteps(definition: Definition, positions: readonly { readonly id: string; readonly position: Position }[]): EditResult {
  const index = stepIndex(definition);
  const unknown = positions.find((move) => !index.has(move.id));
  if (unknown !== undefined) return unknownStep(unknown.id);
  const steps = [...definition.steps];
  let changed = false;
  for (const { id, position } of positions) {
    const at = index.get(id) ?? -1;
    const step = steps[at];
    if (step === undefined || jsonEqual(step.position, position)) continue;
    steps[at] = { ...step, position: { x: position.x, y: position.y } };
    changed = true;
  }
  return { ok: true, definition: changed ? { ...definition, steps } : definition };
}
