'use client';

import '@xyflow/react/dist/base.css';
import './graph.css';
import './step-card.css';
import './step-edge.css';
import './step-ports.css';
import { ReactFlow, ReactFlowProvider, SelectionMode } from '@xyflow/react';
import { useRef, useState } from 'react';
import type { Step } from '#lib/workflow/definition.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { type CanvasEditing, CanvasEditingContext } from './canvas-editing.ts';
import { CanvasGround } from './canvas-ground.tsx';
import { type CanvasHandle, FIT_PADDING } from './canvas-handle.ts';
import type { CanvasSelection } from './canvas-selection.ts';
import { StepConnectionLine } from './connection-line.tsx';
import { CanvasDropContext } from './drop-target.ts';
import { GRID } from './layout.ts';
import type { Overlay } from './overlay.ts';
import { StepCard } from './step-card.tsx';
import { StepEdge } from './step-edge.tsx';
import { createToFlow, type StepProblem } from './to-flow.ts';
import { useCanvasEvents } from './use-canvas-events.ts';
import { useIsCoarse } from './use-is-coarse.ts';
import { usePositions } from './use-positions.ts';

interface GraphCanvasProps {
  readonly steps: readonly Step[];
  readonly catalog: StepCatalog;
  readonly selection: CanvasSelection;
  readonly onSelectionChange: (selection: CanvasSelection) => void;
  /** Live states of a run, or the difference between two versions. */
  readonly overlay?: Overlay | null;
  readonly problems?: ReadonlyMap<string, StepProblem>;
  /** Steps whose output is pinned for tests. */
  readonly pinned?: ReadonlySet<string>;
  /** Without it the canvas is read-only: it can be panned, zoomed, walked and selected in. */
  readonly editing?: CanvasEditing | null;
  /** The step to open on where the whole graph would be too small to be read; else its first. */
  readonly beginAt?: string | null;
  /** Called once, when the canvas can be moved by code. */
  readonly onReady?: (canvas: CanvasHandle) => void;
  /** Names the canvas for a screen reader. */
  readonly label: string;
  /** Panels over the canvas. */
  readonly children?: React.ReactNode;
}

const NODE_TYPES = { step: StepCard };
const EDGE_TYPES = { step: StepEdge };
const FIT = { padding: FIT_PADDING, maxZoom: 1, duration: 0 } as const;
const NO_PROBLEMS: ReadonlyMap<string, StepProblem> = new Map();
/** Above this many steps shadows and transitions are left out. */
const MANY_STEPS = 200;
/** At most this many spinners turn. */
const MANY_RUNNING = 40;

/** The graph of a definition: the one canvas of editor, run viewer, versions and previews. Fills its parent. */
export function GraphCanvas(props: GraphCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas(props: GraphCanvasProps) {
  const { steps, catalog, overlay = null, problems = NO_PROBLEMS, editing = null, label, selection } = props;
  const frame = useRef<HTMLDivElement>(null);
  const positions = usePositions(steps, catalog);
  const events = useCanvasEvents({ ...props, editing, positions, frame });
  const [toFlow] = useState(createToFlow);
  const isCoarse = useIsCoarse();
  const { nodes, edges } = toFlow({
    steps,
    catalog,
    positions,
    overlay,
    problems,
    editable: editing !== null,
    ...(props.pinned === undefined ? {} : { pinned: props.pinned }),
    view: { selectedSteps: selection.steps, selectedEdges: selection.edges, dragging: events.dragging },
  });
  const running = overlay?.kind === 'run' ? [...overlay.steps.values()].filter((state) => state.status === 'running').length : 0;
  return (
    <CanvasEditingContext value={editing}>
      <CanvasDropContext value={events.dropEdge}>
        {/* biome-ignore lint/a11y/useSemanticElements: a group of focusable steps, not a form's field set */}
        <div
          ref={frame}
          className="canvas"
          role="group"
          aria-label={label}
          data-editable={editing !== null}
          data-many={steps.length > MANY_STEPS}
          data-many-running={running > MANY_RUNNING}
          data-connecting={events.connecting}
          onKeyDown={events.onKeyDown}
        >
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={NODE_TYPES}
            edgeTypes={EDGE_TYPES}
            connectionLineComponent={StepConnectionLine}
            {...events.flow}
            fitView
            fitViewOptions={FIT}
            minZoom={0.05}
            maxZoom={2}
            snapToGrid
            snapGrid={[GRID, GRID]}
            panOnScroll
            zoomOnDoubleClick={false}
            selectionOnDrag={editing !== null && !isCoarse}
            selectionMode={SelectionMode.Partial}
            panOnDrag={editing === null || isCoarse ? true : [1, 2]}
            multiSelectionKeyCode={['Shift', 'Meta', 'Control']}
            selectionKeyCode={editing === null ? null : 'Shift'}
            deleteKeyCode={null}
            disableKeyboardA11y
            connectOnClick={false}
            connectionRadius={28}
            elevateNodesOnSelect={false}
            onlyRenderVisibleElements={steps.length > MANY_STEPS}
            proOptions={{ hideAttribution: true }}
          >
            <CanvasGround steps={steps.length} tidy={editing?.tidy ?? null} guides={events.guides} />
            {props.children}
          </ReactFlow>
        </div>
      </CanvasDropContext>
    </CanvasEditingContext>
  );
}
