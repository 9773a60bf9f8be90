import { useStore } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import { detailAt } from './level-of-detail.ts';
import { nodeColor } from './node-color.ts';
import type { StepEdge, StepNode } from './to-flow.ts';

/** Below zoom .15 cards are drawn on one canvas element: one fill each, one path for all edges. */
export function DustLayer() {
  const isDust = useStore((state) => detailAt(state.transform[2], null) === 'dust');
  return isDust ? <Dust /> : null;
}

function Dust() {
  const element = useRef<HTMLCanvasElement>(null);
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const [x, y, zoom] = useStore((state) => state.transform);
  const nodes = useStore((state) => state.nodes as StepNode[]);
  const edges = useStore((state) => state.edges as StepEdge[]);
  useEffect(() => {
    const context = element.current?.getContext('2d');
    if (!element.current || !context) return;
    const looks = getComputedStyle(element.current);
    const scale = window.devicePixelRatio;
    const colorOf = (css: string): string => (css.startsWith('var(') ? looks.getPropertyValue(css.slice(4, -1)) : css);
    element.current.width = width * scale;
    element.current.height = height * scale;
    context.setTransform(zoom * scale, 0, 0, zoom * scale, x * scale, y * scale);
    const at = new Map(nodes.map((node) => [node.id, node]));
    context.globalAlpha = 0.4;
    context.strokeStyle = looks.getPropertyValue('--line-3');
    context.lineWidth = 1 / zoom;
    context.beginPath();
    for (const edge of edges) {
      const [from, to] = [at.get(edge.source), at.get(edge.target)];
      if (!from || !to) continue;
      context.moveTo(from.position.x + (from.width ?? 0), from.position.y + from.data.shape.body / 2);
      context.lineTo(to.position.x, to.position.y + to.data.shape.inputY);
    }
    context.stroke();
    context.globalAlpha = 1;
    for (const node of nodes) {
      context.fillStyle = colorOf(nodeColor(node));
      context.fillRect(node.position.x, node.position.y, node.width ?? 0, node.height ?? 0);
    }
  }, [width, height, x, y, zoom, nodes, edges]);
  return <canvas ref={element} className="pointer-events-none absolute inset-0 size-full" aria-hidden />;
}
