import type { ReactFlowInstance, useStoreApi } from '@xyflow/react';
import type { Position } from '#lib/workflow/definition.ts';
import { type CanvasHandle, FIT_PADDING } from './canvas-handle.ts';
import { CARD_WIDTH } from './card-shape.ts';
import type { StepEdge, StepNode } from './to-flow.ts';

/** Readable from here on; revealing a step zooms in at least to this. */
const READABLE_ZOOM = 0.6;
/** A graph that is too large to be read as a whole is opened at this zoom, at its first steps. */
const FIRST_ZOOM = 0.75;

/** The handle of a canvas, from the canvas library's own. */
export function createCanvasHandle(
  flow: ReactFlowInstance<StepNode, StepEdge>,
  store: ReturnType<typeof useStoreApi>,
  positions: () => ReadonlyMap<string, Position>,
): CanvasHandle {
  const motion = () => ({ duration: window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 180 });
  const element = (step: string) =>
    store.getState().domNode?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(step)}"]`) ?? null;
  function isVisible(place: Position): boolean {
    const { width, height, transform } = store.getState();
    const [x, y, zoom] = transform;
    const left = place.x * zoom + x;
    const top = place.y * zoom + y;
    return zoom >= READABLE_ZOOM && left >= 16 && top >= 16 && left + CARD_WIDTH * zoom <= width - 16 && top + 80 * zoom <= height - 16;
  }
  function reveal(step: string): void {
    const place = positions().get(step);
    if (place === undefined || isVisible(place)) return;
    void flow.setCenter(place.x + CARD_WIDTH / 2, place.y + 28, { zoom: Math.max(flow.getZoom(), READABLE_ZOOM), ...motion() });
  }
  return {
    fit: () => void flow.fitView({ padding: FIT_PADDING, maxZoom: 1, ...motion() }),
    begin: () => {
      if (flow.getZoom() >= READABLE_ZOOM || positions().size === 0) return;
      const bounds = flow.getNodesBounds(flow.getNodes());
      const zoom = FIRST_ZOOM;
      void flow.setViewport({ x: 32 - bounds.x * zoom, y: store.getState().height / 2 - (bounds.y + bounds.height / 2) * zoom, zoom });
    },
    reveal,
    focus: (step) => {
      reveal(step);
      // A card that was just added, or comes into view just now, is in the document after the next frame.
      requestAnimationFrame(() => element(step)?.focus({ preventScroll: true }));
    },
    toCanvas: (screen) => flow.screenToFlowPosition(screen, { snapToGrid: false }),
    center: () => {
      const { width, height, transform } = store.getState();
      const [x, y, zoom] = transform;
      return { x: (width / 2 - x) / zoom, y: (height / 2 - y) / zoom };
    },
    positions,
  };
}
