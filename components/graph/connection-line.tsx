import type { ConnectionLineComponentProps } from '@xyflow/react';
import { edgeCurve } from './edge-path.ts';
import type { StepNode } from './to-flow.ts';

/** The edge while it is being drawn, in the shape it will have. */
export function StepConnectionLine({ fromX, fromY, toX, toY, fromPosition }: ConnectionLineComponentProps<StepNode>) {
  const side = fromPosition === 'bottom' ? 'bottom' : 'right';
  return <path className="react-flow__connection-path" fill="none" d={edgeCurve({ x: fromX, y: fromY }, { x: toX, y: toY }, side).path} />;
}
