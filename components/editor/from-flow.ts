import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Definition, Position, Step } from '#lib/workflow/definition.ts';
import type { Edit } from '#lib/workflow/edit.ts';
import type { EdgeRef } from '#lib/workflow/edit-edges.ts';
import { bodySteps, dependencyStep } from '#lib/workflow/graph.ts';
import { mintStepId } from '#lib/workflow/remint-ids.ts';
import { type StepCatalog, type StepDefinition, stepType } from '#lib/workflow/step-type.ts';
import { cyclePath, stepIndex } from '#lib/workflow/upstream.ts';
import type { PortRef } from '../graph/canvas-editing.ts';
import { branchesOf, CARD_WIDTH } from '../graph/card-shape.ts';
import { freePlace, type Positions, snap } from '../graph/layout.ts';
import { parseEdgeKey } from '../graph/overlay.ts';

/**
 * What a person does on the canvas, as edits of the document. Pure: every function takes the definition and answers an
 * edit; the store applies it.
 */

const GAP_ALONG = 96;

/** Cards dropped elsewhere. */
export function moveEdit(positions: Positions): Edit {
  return { kind: 'move_steps', positions: [...positions].map(([id, position]) => ({ id, position: rounded(position) })) };
}

/** The edge that a port and a target make. */
export function edgeRef(port: PortRef, to: string): EdgeRef {
  return { from: port.from, to, branch: port.branch };
}

/** Why an edge may not be drawn, in words, or null when it may. */
export function connectRefusal(definition: Definition, port: PortRef, to: string): string | null {
  if (port.from === to) return 'a step can’t depend on itself';
  const target = definition.steps[stepIndex(definition).get(to) ?? -1];
  if (target === undefined) return 'there is no such step';
  const exists = target.depends_on?.some((known) => dependencyStep(known) === port.from && branchOfDependency(known) === port.branch);
  if (exists) return 'is connected already';
  const cycle = cyclePath(definition, port.from, to);
  return cycle === null ? null : `would make a cycle: ${shortPath(cycle)}`;
}

function shortPath(path: readonly string[]): string {
  return path.length <= 5 ? path.join(' → ') : [...path.slice(0, 2), '…', ...path.slice(-2)].join(' → ');
}

function branchOfDependency(dependency: NonNullable<Step['depends_on']>[number]): string | null {
  return typeof dependency === 'string' ? null : dependency.branch;
}

/** Where a new step goes: after a port, between two steps, or free. */
export type Placement =
  | { readonly kind: 'port'; readonly port: PortRef }
  | { readonly kind: 'edge'; readonly edge: string }
  | { readonly kind: 'free'; readonly at: Position };

/** A new step of a type, with the id it gets. Null for a type that the catalog doesn't have. */
export function addStepEdit(
  definition: Definition,
  catalog: StepCatalog,
  typeName: string,
  placement: Placement,
  positions: Positions,
  taken: { has(id: string): boolean } = stepIndex(definition),
): { readonly edit: Edit; readonly id: string } | null {
  const type = stepType(catalog, typeName);
  if (type === undefined) return null;
  const id = mintStepId(type.title, taken);
  const step: Step = {
    id,
    name: freeName(type.title, definition),
    type: typeName,
    config: withFreeIds(type, { has: (one) => one === id || taken.has(one) }),
    position: placeOf(placement, positions),
  };
  const out = outBranch(step, catalog);
  if (placement.kind === 'edge') {
    const edge = parseEdgeKey(placement.edge);
    if (edge === null) return null;
    const add: Edit = { kind: 'add_step', step, on_edge: edge, ...(out === null ? {} : { out_branch: out }) };
    return { id, edit: batch(add, makeRoom(definition, edge, positions)) };
  }
  const depends = placement.kind === 'port' ? { depends_on: [dependency(placement.port)] } : {};
  return { id, edit: { kind: 'add_step', step: { ...step, ...depends } } };
}

/** The first config of a type; steps inside get ids that no step around them has. */
function withFreeIds({ initialConfig, body }: StepDefinition, taken: { has(id: string): boolean }): JsonObject {
  if (body === undefined) return { ...initialConfig };
  const steps = bodySteps(initialConfig, body).map((step) => ({ ...step, id: mintStepId(step.id, taken) }));
  return { ...initialConfig, [body.steps]: steps as unknown as Json };
}

/** Puts an existing, unconnected step between the two ends of an edge. */
export function insertEdit(definition: Definition, catalog: StepCatalog, id: string, edgeId: string, positions: Positions): Edit | null {
  const edge = parseEdgeKey(edgeId);
  const step = definition.steps[stepIndex(definition).get(id) ?? -1];
  if (edge === null || step === undefined || edge.from === id || edge.to === id) return null;
  return {
    kind: 'batch',
    edits: [
      { kind: 'disconnect', edges: [edge] },
      { kind: 'connect', edge: { from: edge.from, to: id, branch: edge.branch } },
      { kind: 'connect', edge: { from: id, to: edge.to, branch: outBranch(step, catalog) } },
      moveEdit(positions),
    ],
  };
}

/** Removal of what is selected. */
export function removeEdit(steps: ReadonlySet<string>, edges: ReadonlySet<string>, reconnect: boolean): Edit {
  const removeEdges: Edit = { kind: 'disconnect', edges: [...edges].flatMap((key) => parseEdgeKey(key) ?? []) };
  const removeSteps: Edit = { kind: 'remove_steps', ids: [...steps], reconnect };
  if (steps.size === 0) return removeEdges;
  return edges.size === 0 ? removeSteps : { kind: 'batch', edits: [removeEdges, removeSteps] };
}

/** True when removing these steps leaves others before and after them that could be connected. */
export function leavesGap(definition: Definition, removed: ReadonlySet<string>): boolean {
  const hasBefore = definition.steps.some(
    (step) => removed.has(step.id) && step.depends_on?.some((known) => !removed.has(dependencyStep(known))),
  );
  const hasAfter = definition.steps.some(
    (step) => !removed.has(step.id) && step.depends_on?.some((known) => removed.has(dependencyStep(known))),
  );
  return hasBefore && hasAfter;
}

/** The first port of a step that no edge leaves yet: where the next step attaches. */
export function nextPort(definition: Definition, catalog: StepCatalog, step: Step): PortRef {
  const branches = branchesOf(step, stepType(catalog, step.type));
  const taken = new Set(
    definition.steps.flatMap((other) =>
      (other.depends_on ?? []).flatMap((known) => (dependencyStep(known) === step.id ? [branchOfDependency(known)] : [])),
    ),
  );
  return { from: step.id, branch: branches.find((branch) => !taken.has(branch)) ?? branches[0] ?? null };
}

/** Edits in one undo; a single one stands by itself. */
function batch(...edits: (Edit | null)[]): Edit {
  const [first, ...more] = edits.filter((edit) => edit !== null);
  return first !== undefined && more.length === 0 ? first : { kind: 'batch', edits: [first, ...more].filter((edit) => edit !== undefined) };
}

/** What stands right of an insertion moves on, where there is too little room for one more card. */
function makeRoom(definition: Definition, edge: EdgeRef, positions: Positions): Edit | null {
  const from = positions.get(edge.from);
  const to = positions.get(edge.to);
  if (from === undefined || to === undefined) return null;
  const missing = from.x + 2 * (CARD_WIDTH + GAP_ALONG) - to.x;
  if (missing <= 0 || to.x < from.x) return null;
  const moved = definition.steps.flatMap((step) => {
    const at = positions.get(step.id);
    return at !== undefined && at.x >= to.x ? [{ id: step.id, position: rounded({ x: at.x + missing, y: at.y }) }] : [];
  });
  return { kind: 'move_steps', positions: moved };
}

function placeOf(placement: Placement, positions: Positions): Position {
  if (placement.kind === 'free') return rounded(placement.at);
  if (placement.kind === 'edge') {
    const edge = parseEdgeKey(placement.edge);
    const from = positions.get(edge?.from ?? '');
    const to = positions.get(edge?.to ?? '');
    return rounded({ x: (from?.x ?? 0) + CARD_WIDTH + GAP_ALONG, y: ((from?.y ?? 0) + (to?.y ?? from?.y ?? 0)) / 2 });
  }
  const from = positions.get(placement.port.from) ?? { x: 0, y: 0 };
  const below = placement.port.branch === 'error' ? 120 : 0;
  return freePlace({ x: from.x + CARD_WIDTH + GAP_ALONG, y: from.y + below }, positions);
}

function outBranch(step: Step, catalog: StepCatalog): string | null {
  return branchesOf(step, stepType(catalog, step.type))[0] ?? null;
}

function dependency(port: PortRef): NonNullable<Step['depends_on']>[number] {
  return port.branch === null ? port.from : { step: port.from, branch: port.branch };
}

function freeName(title: string, definition: Definition): string {
  const names = new Set(definition.steps.map((step) => step.name));
  if (!names.has(title)) return title;
  for (let count = 2; ; count += 1) if (!names.has(`${title} ${count}`)) return `${title} ${count}`;
}

function rounded({ x, y }: Position): Position {
  return { x: snap(x), y: snap(y) };
}

/**
 * Writes down the places of steps that so far had none, before a change gives a first step a place of its own: else the
 * rest of an automatically laid out graph would jump.
 */
export function pinned(definition: Definition, positions: Positions, edit: Edit): Edit {
  const loose = definition.steps.flatMap((step) => {
    const position = positions.get(step.id);
    return step.position === undefined && position !== undefined ? [{ id: step.id, position: rounded(position) }] : [];
  });
  return loose.length === 0 ? edit : { kind: 'batch', edits: [{ kind: 'move_steps', positions: loose }, edit] };
}
