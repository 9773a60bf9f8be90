import { EdgeLabelRenderer, type EdgeProps } from '@xyflow/react';
import { memo, useContext, useState } from 'react';
import { CanvasEditingContext } from './canvas-editing.ts';
import { PILL_OFFSET, PORT_SIZE } from './card-shape.ts';
import { CanvasDropContext } from './drop-target.ts';
import { type EdgeCurve, edgeCurve, type Point, pillWidth, pointAtDistance } from './edge-path.ts';
import type { StepEdge as StepEdgeType } from './to-flow.ts';

/** A dependency between two steps: curve, arrow, branch pill, and the `+` that inserts a step. */
export const StepEdge = memo(function StepEdge(props: EdgeProps<StepEdgeType>) {
  const { id, data, sourceX, sourceY, targetX, targetY } = props;
  const editing = useContext(CanvasEditingContext);
  const isDropTarget = useContext(CanvasDropContext) === id;
  const side = data?.side ?? 'right';
  const curve = edgeCurve({ x: sourceX, y: sourceY }, { x: targetX, y: targetY }, side);
  const sweep = useSweep(data?.run ?? null);
  const looks = { 'data-run': data?.run ?? undefined, 'data-diff': data?.diff ?? undefined, 'data-drop': isDropTarget || undefined };
  return (
    <>
      <path d={curve.path} className="step-edge__hit react-flow__edge-interaction" />
      <path
        d={curve.path}
        className={`step-edge react-flow__edge-path${sweep ? ' step-edge--sweep' : ''}`}
        pathLength={sweep ? 1 : undefined}
        {...looks}
      />
      <path
        d={`M${targetX - 6},${targetY - 4}L${targetX},${targetY}L${targetX - 6},${targetY + 4}`}
        className="step-edge step-edge__arrow"
        {...looks}
      />
      {data?.run === 'missed' && <Cross at={curve.middle} />}
      {isDropTarget && <rect className="step-edge__slot" x={curve.middle.x - 120} y={curve.middle.y - 28} width={240} height={56} rx={8} />}
      {data?.editable && !isDropTarget && editing !== null && (
        <AddButton at={curve.middle} onPick={(point) => editing.pickOnEdge(id, point)} />
      )}
      {data?.label != null && (
        <Pill at={pillPlace(props, curve, data.label)} text={data.label} faded={data.run === 'not_taken' || data.diff === 'unchanged'} />
      )}
      {(data?.diff === 'added' || data?.diff === 'removed') && (
        <Pill at={curve.at(data.label === null ? 0.5 : 0.75)} text={data.diff === 'added' ? '+' : '−'} faded={false} diff={data.diff} />
      )}
    </>
  );
});

/** Beside its port and level with it, as the pills of unconnected branches are: they stack without covering each other. */
function pillPlace({ sourceX, sourceY, data }: EdgeProps<StepEdgeType>, curve: EdgeCurve, label: string): Point {
  const distance = PILL_OFFSET + pillWidth(label) / 2 - (data?.editable ? PORT_SIZE / 2 : 0);
  return data?.side === 'bottom' ? pointAtDistance(curve, distance) : { x: sourceX + distance, y: sourceY };
}

interface PillProps {
  readonly at: Point;
  readonly text: string;
  readonly faded: boolean;
  readonly diff?: 'added' | 'removed';
}

function Pill({ at, text, faded, diff }: PillProps) {
  return (
    <EdgeLabelRenderer>
      <span
        className="step-pill nodrag nopan"
        data-faded={faded}
        data-diff={diff}
        style={{ position: 'absolute', transform: `translate(-50%, -50%) translate(${at.x}px, ${at.y}px)` }}
      >
        <span>{text}</span>
      </span>
    </EdgeLabelRenderer>
  );
}

function Cross({ at }: { readonly at: Point }) {
  return <path className="step-edge__cross" d={`M${at.x - 4},${at.y - 4}l8,8M${at.x + 4},${at.y - 4}l-8,8`} />;
}

function AddButton({ at, onPick }: { readonly at: Point; readonly onPick: (point: Point) => void }) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keyboard way is Enter on the focused edge
    <g
      className="step-edge__add nodrag nopan"
      transform={`translate(${at.x} ${at.y})`}
      onClick={(event) => {
        event.stopPropagation();
        onPick({ x: event.clientX, y: event.clientY });
      }}
    >
      <title>Insert a step here</title>
      <circle r={10} />
      <path d="M-4,0H4M0,-4V4" />
    </g>
  );
}

/** True once an edge has just become taken while being watched; edges that were taken before the first draw stay still. */
function useSweep(run: string | null): boolean {
  const [first] = useState(run);
  return run === 'taken' && first !== 'taken';
}
