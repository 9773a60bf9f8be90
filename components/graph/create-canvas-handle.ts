import type { ReactFlowInstance, useStoreApi } from '@xyflow/react';
import type { Position } from '#lib/workflow/definition.ts';
import { type CanvasHandle, FIT_PADDING } from './canvas-handle.ts';
import { CARD_WIDTH } from './card-shape.ts';
import type { StepEdge, StepNode } from './to-flow.ts';

/** Readable from here on; revealing a step zooms in at least to this. */
const READABLE_ZOOM = 0.6;
/** On a wide canvas the shape of the whole is worth more than its small print: tiles and names are seen from here on. */
const OVERVIEW_ZOOM = 0.35;
/** A canvas below this width (px) shows too little at a time for an overview. */
const NARROW = 640;
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
    begin: (step) => {
      const { width, height } = store.getState();
      const enough = width < NARROW ? READABLE_ZOOM : OVERVIEW_ZOOM;
      if (flow.getZoom() >= enough || positions().size === 0) return;
      const zoom = FIRST_ZOOM;
      const place = step === null ? undefined : positions().get(step);
      if (place) {
        void flow.setCenter(place.x + CARD_WIDTH / 2, place.y + 28, { zoom });
        return;
      }
      const bounds = flow.getNodesBounds(flow.getNodes());
      const first = firstPlace([...positions().values()], bounds.y + bounds.height / 2);
      void flow.setViewport({ x: 32 - first.x * zoom, y: height / 2 - (first.y + 28) * zoom, zoom });
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

/** The leftmost place; of several the one nearest to the middle line. */
function firstPlace(places: readonly Position[], middle: number): Position {
  const byOrder = places.toSorted((a, b) => a.x - b.x || Math.abs(a.y - middle) - Math.abs(b.y - middle));
  return byOrder[0] ?? { x: 0, y: middle };
}
