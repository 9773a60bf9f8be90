import { type ReactFlowProps, useReactFlow, useStoreApi } from '@xyflow/react';
import { type KeyboardEvent, type RefObject, useEffect, useMemo, useState } from 'react';
import type { Position, Step } from '#lib/workflow/definition.ts';
import type { CanvasEditing } from './canvas-editing.ts';
import type { CanvasHandle } from './canvas-handle.ts';
import { type CanvasSelection, selectStep } from './canvas-selection.ts';
import { createCanvasHandle } from './create-canvas-handle.ts';
import { edgeAt, STEP_TYPE_MEDIA } from './drop-target.ts';
import { alignTo, type Guide } from './guides.ts';
import { branchOf, type StepEdge, type StepNode } from './to-flow.ts';
import { type Direction, stepInDirection } from './walk.ts';

interface CanvasEventsInput {
  readonly steps: readonly Step[];
  readonly selection: CanvasSelection;
  readonly onSelectionChange: (selection: CanvasSelection) => void;
  readonly onReady?: (canvas: CanvasHandle) => void;
  readonly beginAt?: string | null;
  readonly editing: CanvasEditing | null;
  readonly positions: ReadonlyMap<string, Position>;
  readonly frame: RefObject<HTMLDivElement | null>;
}

type FlowEvents = Pick<
  ReactFlowProps<StepNode, StepEdge>,
  | 'onNodesChange'
  | 'onNodeDoubleClick'
  | 'onEdgesChange'
  | 'onNodeDrag'
  | 'onNodeDragStop'
  | 'onSelectionDragStop'
  | 'onConnect'
  | 'onConnectStart'
  | 'onConnectEnd'
  | 'onReconnect'
  | 'isValidConnection'
  | 'onDragOver'
  | 'onDragLeave'
  | 'onDrop'
  | 'onInit'
>;

const ARROWS: Readonly<Record<string, Direction>> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };
const NOT_DRAGGING: ReadonlyMap<string, Position> = new Map();

/** Turns the canvas library's events into intents for the owner, and keeps what is being dragged meanwhile. */
export function useCanvasEvents(input: CanvasEventsInput) {
  const { editing, positions, selection, onSelectionChange, steps } = input;
  const flowApi = useReactFlow<StepNode, StepEdge>();
  const store = useStoreApi();
  const [dragging, setDragging] = useState<ReadonlyMap<string, Position>>(NOT_DRAGGING);
  const [dropEdge, setDropEdge] = useState<string | null>(null);
  const [guides, setGuides] = useState<readonly Guide[]>([]);
  const [connecting, setConnecting] = useState(false);
  const latest = useLatest(positions);
  const handle = useMemo(() => createCanvasHandle(flowApi, store, () => latest.current), [flowApi, store, latest]);

  function endDrag(at: { x: number; y: number }, moved: readonly StepNode[]) {
    const ended = new Map(moved.map((node) => [node.id, dragging.get(node.id) ?? node.position]));
    setDragging(NOT_DRAGGING);
    setGuides([]);
    setDropEdge(null);
    const [only] = moved;
    const edge = only && moved.length === 1 && isLoose(steps, only.id) ? edgeAt(at.x, at.y) : null;
    if (only && edge !== null) editing?.dropOnEdge(only.id, edge, ended);
    else if ([...ended].some(([id, place]) => !samePlace(place, positions.get(id)))) editing?.move(ended);
  }

  const flow: FlowEvents = {
    onInit: () => {
      handle.begin(input.beginAt ?? null);
      input.onReady?.(handle);
    },
    onNodeDoubleClick: (_event, node) => {
      if (node.data.hasBody) editing?.openBody(node.id);
    },
    onNodesChange: (changes) => {
      const next = new Set(selection.steps);
      const places = new Map<string, Position>();
      for (const change of changes) {
        if (change.type === 'select') change.selected ? next.add(change.id) : next.delete(change.id);
        if (change.type === 'position' && change.dragging && change.position) places.set(change.id, change.position);
      }
      if (places.size > 0) {
        const aligned = alignTo(places, positions, steps);
        setDragging(aligned.places);
        setGuides(aligned.guides);
      }
      if (!sameSet(next, selection.steps)) onSelectionChange({ steps: next, edges: selection.edges });
    },
    onEdgesChange: (changes) => {
      const next = new Set(selection.edges);
      for (const change of changes) {
        if (change.type === 'select') change.selected ? next.add(change.id) : next.delete(change.id);
      }
      if (!sameSet(next, selection.edges)) onSelectionChange({ steps: selection.steps, edges: next });
    },
    onNodeDrag: (event, node, nodes) => {
      const at = pointOf(event);
      setDropEdge(nodes.length === 1 && isLoose(steps, node.id) ? edgeAt(at.x, at.y) : null);
    },
    onNodeDragStop: (event, _node, nodes) => endDrag(pointOf(event), nodes),
    onSelectionDragStop: (event, nodes) => endDrag({ x: event.clientX, y: event.clientY }, nodes),
    isValidConnection: (connection) =>
      editing?.refusal({ from: connection.source, branch: branchOf(connection.sourceHandle) }, connection.target) === null,
    onConnect: (connection) => editing?.connect({ from: connection.source, branch: branchOf(connection.sourceHandle) }, connection.target),
    onReconnect: (edge, connection) =>
      editing?.reconnect(edge.id, { from: connection.source, branch: branchOf(connection.sourceHandle) }, connection.target),
    onConnectStart: () => setConnecting(true),
    onConnectEnd: (event, state) => {
      setConnecting(false);
      if (editing === null || state.fromHandle?.type !== 'source' || state.isValid !== null) return;
      const at = pointOf(event);
      const port = { from: state.fromHandle.nodeId, branch: branchOf(state.fromHandle.id) };
      const onto = document.elementFromPoint(at.x, at.y)?.closest<HTMLElement>('[data-step-id]')?.dataset.stepId;
      if (onto === port.from) return;
      if (onto === undefined) editing.pickNext(port, at);
      else if (editing.refusal(port, onto) === null) editing.connect(port, onto);
    },
    onDragOver: (event) => {
      if (editing === null || !event.dataTransfer.types.includes(STEP_TYPE_MEDIA)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
      setDropEdge(edgeAt(event.clientX, event.clientY));
    },
    onDragLeave: () => setDropEdge(null),
    onDrop: (event) => {
      const type = event.dataTransfer.getData(STEP_TYPE_MEDIA);
      if (editing === null || type === '') return;
      event.preventDefault();
      setDropEdge(null);
      const edge = edgeAt(event.clientX, event.clientY);
      editing.dropType(type, flowApi.screenToFlowPosition({ x: event.clientX, y: event.clientY }, { snapToGrid: false }), edge);
    },
  };

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const target = event.target as HTMLElement;
    if (
      event.defaultPrevented ||
      target.closest('input, textarea, select, [contenteditable="true"]') ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey
    )
      return;
    const focused = target.closest<HTMLElement>('.react-flow__node')?.dataset.id;
    if ((event.key === 'Enter' || event.key === ' ') && target.classList.contains('react-flow__node') && focused !== undefined) {
      event.preventDefault();
      onSelectionChange(selectStep(focused));
    }
    const edge = target.closest<HTMLElement>('.react-flow__edge')?.dataset.id;
    if (event.key === 'Enter' && edge !== undefined) {
      event.preventDefault();
      onSelectionChange({ steps: new Set(), edges: new Set([edge]) });
    }
    const direction = ARROWS[event.key];
    if (direction === undefined || event.shiftKey) return;
    const from = focused ?? [...selection.steps][0];
    const to = from === undefined ? steps[0]?.id : stepInDirection(steps, positions, from, direction);
    if (to === undefined || to === null) return;
    event.preventDefault();
    onSelectionChange(selectStep(to));
    handle.focus(to);
  }

  return { flow, onKeyDown, dragging, dropEdge, guides, connecting };
}

/** A step without any edge: only such a card may be put into an edge by dropping it there. */
function isLoose(steps: readonly Step[], id: string): boolean {
  return steps.every((step) =>
    step.id === id
      ? (step.depends_on?.length ?? 0) === 0
      : !step.depends_on?.some((dependency) => dependency === id || (typeof dependency === 'object' && dependency.step === id)),
  );
}

function pointOf(event: MouseEvent | TouchEvent | { clientX: number; clientY: number }): { x: number; y: number } {
  if ('changedTouches' in event) return { x: event.changedTouches[0]?.clientX ?? 0, y: event.changedTouches[0]?.clientY ?? 0 };
  return { x: event.clientX, y: event.clientY };
}

function samePlace(a: Position, b: Position | undefined): boolean {
  return a.x === b?.x && a.y === b.y;
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}

function useLatest<T>(value: T): RefObject<T> {
  const [box] = useState<RefObject<T>>(() => ({ current: value }));
  useEffect(() => {
    box.current = value;
  });
  return box;
}
