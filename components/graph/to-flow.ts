import { type Edge, type Node, type NodeHandle, Position as Side } from '@xyflow/react';
import type { Position, Step } from '#lib/workflow/definition.ts';
import { dependencyBranch, dependencyStep } from '#lib/workflow/graph.ts';
import { type StepCatalog, stepType } from '#lib/workflow/step-type.ts';
import { type CardShape, cardShape, describeStep, joinLabel, PORT_SIZE, takenBranches } from './card-shape.ts';
import { type EdgeRunState, edgeKey, type Overlay, type StepDiffState, type StepRunState } from './overlay.ts';

/**
 * The one place where document, view, and run or diff overlay meet and become canvas nodes. Each step's node is kept
 * until something of that step changes: the canvas library re-renders by object identity.
 */

/** The worst finding about a step and how many there are. */
export interface StepProblem {
  readonly severity: 'error' | 'warning';
  readonly count: number;
  readonly message: string;
}

/** What is selected and being dragged; never saved, never undone. */
interface CanvasView {
  readonly selectedSteps: ReadonlySet<string>;
  readonly selectedEdges: ReadonlySet<string>;
  /** Positions of cards in mid-drag, which the document doesn't know yet. */
  readonly dragging: ReadonlyMap<string, Position>;
}
export const EMPTY_VIEW: CanvasView = { selectedSteps: new Set(), selectedEdges: new Set(), dragging: new Map() };

export interface CanvasInput {
  readonly steps: readonly Step[];
  readonly catalog: StepCatalog;
  readonly positions: ReadonlyMap<string, Position>;
  readonly view: CanvasView;
  readonly overlay: Overlay | null;
  readonly problems: ReadonlyMap<string, StepProblem>;
  readonly editable: boolean;
  /** Steps whose output is pinned for tests. */
  readonly pinned?: ReadonlySet<string>;
}

export type StepCardData = {
  readonly step: Step;
  readonly name: string;
  readonly icon: string;
  readonly typeTitle: string;
  readonly line: string;
  readonly shape: CardShape;
  /** It holds steps of its own, which can be opened. */
  readonly hasBody: boolean;
  readonly join: string | null;
  readonly problem: StepProblem | null;
  /** Set while a run is shown; `unreached` for a step the run has not come to. */
  readonly run: StepRunState | 'unreached' | null;
  readonly diff: StepDiffState | null;
  readonly editable: boolean;
};
export type StepNode = Node<StepCardData, 'step'>;

type StepEdgeData = {
  readonly branch: string | null;
  /** The pill's text, on the first edge of a port only; the others share it. */
  readonly label: string | null;
  readonly side: 'right' | 'bottom';
  readonly run: EdgeRunState | null;
  readonly diff: 'added' | 'removed' | 'unchanged' | null;
  readonly editable: boolean;
};
export type StepEdge = Edge<StepEdgeData, 'step'>;

/** Handle id of a branch's port; the prefix keeps a branch that is called `done` apart from the plain port. */
export function handleOf(branch: string | null): string {
  return branch === null ? 'done' : `branch:${branch}`;
}

/** The branch of a handle id. */
export function branchOf(handle: string | null | undefined): string | null {
  return handle?.startsWith('branch:') ? handle.slice('branch:'.length) : null;
}

const INPUT_HANDLE = 'in';

interface NodeInputs {
  readonly step: Step;
  readonly position: Position;
  readonly selected: boolean;
  readonly dragging: boolean;
  readonly taken: string;
  readonly run: StepRunState | 'unreached' | null;
  readonly diff: StepDiffState | null;
  readonly problem: StepProblem | null;
  readonly editable: boolean;
  readonly pinned: boolean;
  readonly catalog: StepCatalog;
}
interface Memo {
  readonly inputs: NodeInputs;
  readonly node: StepNode;
}

/** A mapper with a memory of its own: make one for each canvas and keep it. */
export function createToFlow(): (input: CanvasInput) => { nodes: StepNode[]; edges: StepEdge[] } {
  let nodeMemo = new Map<string, Memo>();
  let edgeMemo = new Map<string, StepEdge>();
  return (input) => {
    const taken = takenBranches(input.steps);
    const nextNodes = new Map<string, Memo>();
    const nextEdges = new Map<string, StepEdge>();
    for (const step of input.steps) {
      const branches = taken.get(step.id);
      const inputs = inputsOf(step, input, branches);
      const known = nodeMemo.get(step.id);
      nextNodes.set(step.id, known && shallowEqual(known.inputs, inputs) ? known : { inputs, node: nodeOf(inputs, branches) });
    }
    for (const edge of edgesOf(input)) {
      const known = edgeMemo.get(edge.id);
      nextEdges.set(edge.id, known && sameEdge(known, edge) ? known : edge);
    }
    nodeMemo = nextNodes;
    edgeMemo = nextEdges;
    return { nodes: [...nextNodes.values()].map((memo) => memo.node), edges: [...nextEdges.values()] };
  };
}

const ORIGIN: Position = { x: 0, y: 0 };

function inputsOf(step: Step, input: CanvasInput, taken: ReadonlySet<string | null> | undefined): NodeInputs {
  const { overlay, view } = input;
  const dragged = view.dragging.get(step.id);
  return {
    step,
    position: dragged ?? input.positions.get(step.id) ?? ORIGIN,
    selected: view.selectedSteps.has(step.id),
    dragging: dragged !== undefined,
    taken: taken === undefined ? '' : [...taken].map((branch) => branch ?? '').join('\n'),
    run: overlay?.kind === 'run' ? (overlay.steps.get(step.id) ?? (overlay.partial ? null : 'unreached')) : null,
    diff: overlay?.kind === 'diff' ? (overlay.steps.get(step.id) ?? UNCHANGED) : null,
    problem: input.problems.get(step.id) ?? null,
    editable: input.editable,
    pinned: input.pinned?.has(step.id) ?? false,
    catalog: input.catalog,
  };
}

const UNCHANGED: StepDiffState = { kind: 'unchanged' };

function nodeOf(inputs: NodeInputs, taken: ReadonlySet<string | null> | undefined): StepNode {
  const { step, catalog, editable } = inputs;
  const type = stepType(catalog, step.type);
  const shape = cardShape(step, catalog, taken, inputs.pinned);
  const name = step.name ?? step.id;
  const size = { width: shape.width, height: shape.height };
  return {
    id: step.id,
    type: 'step',
    position: inputs.position,
    ...size,
    measured: size,
    handles: handlesOf(shape, editable),
    selected: inputs.selected,
    dragging: inputs.dragging,
    draggable: editable,
    connectable: editable,
    ariaLabel: [name, type?.title ?? step.type, stateWord(inputs), inputs.pinned ? 'output pinned' : ''].filter(Boolean).join(', '),
    data: {
      step,
      name,
      icon: type?.icon ?? 'circle-help',
      typeTitle: type?.title ?? step.type,
      line: describeStep(step, type),
      shape,
      hasBody: type?.body !== undefined,
      join: joinLabel(step),
      problem: inputs.problem,
      run: inputs.run,
      diff: inputs.diff,
      editable,
    },
  };
}

function stateWord({ run, diff, problem }: NodeInputs): string {
  if (run !== null) return run === 'unreached' ? 'not reached' : run.stale ? `${run.status}, out of date` : run.status;
  if (diff !== null) return diff.kind;
  return problem === null ? '' : problem.message;
}

/** Handles are known from the shape, so edges are right in the first frame, before anything is measured. */
function handlesOf(shape: CardShape, editable: boolean): NodeHandle[] {
  const size = editable ? PORT_SIZE : 0;
  const box = { width: size, height: size };
  const at = (x: number, y: number) => ({ x: x - size / 2, y: y - size / 2, ...box });
  return [
    { id: INPUT_HANDLE, type: 'target', position: Side.Left, ...at(0, shape.inputY) },
    ...shape.ports.map(
      (port): NodeHandle => ({
        id: handleOf(port.branch),
        type: 'source',
        position: port.side === 'right' ? Side.Right : Side.Bottom,
        ...at(port.x, port.y),
      }),
    ),
  ];
}

function edgesOf({ steps, overlay, view, editable }: CanvasInput): StepEdge[] {
  const ids = new Set(steps.map((step) => step.id));
  const labelled = new Set<string>();
  return steps.flatMap((step) =>
    (step.depends_on ?? []).flatMap((dependency): StepEdge[] => {
      const from = dependencyStep(dependency);
      if (!ids.has(from)) return [];
      const branch = dependencyBranch(dependency);
      const id = edgeKey(from, step.id, branch);
      const port = `${from}>${branch ?? ''}`;
      const label = branch !== null && !labelled.has(port) ? branch : null;
      labelled.add(port);
      return [
        {
          id,
          type: 'step',
          source: from,
          target: step.id,
          sourceHandle: handleOf(branch),
          targetHandle: INPUT_HANDLE,
          selected: view.selectedEdges.has(id),
          ariaLabel: `From ${from} to ${step.id}${branch === null ? '' : `, branch ${branch}`}`,
          data: {
            branch,
            label,
            side: branch === 'error' ? 'bottom' : 'right',
            run: overlay?.kind === 'run' ? (overlay.edges.get(id) ?? (overlay.partial ? null : 'open')) : null,
            diff: overlay?.kind === 'diff' ? (overlay.edges.get(id) ?? 'unchanged') : null,
            editable,
          },
        },
      ];
    }),
  );
}

function sameEdge(a: StepEdge, b: StepEdge): boolean {
  return a.selected === b.selected && a.data !== undefined && b.data !== undefined && shallowEqual(a.data, b.data);
}

function shallowEqual<T extends object>(a: T, b: T): boolean {
  return (Object.keys(b) as (keyof T)[]).every((key) => Object.is(a[key], b[key]));
}
