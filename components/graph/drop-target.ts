import { createContext } from 'react';

/** Media type under which the palette drags a step type. */
export const STEP_TYPE_MEDIA = 'application/x-weftline-step-type';

/** Key of the edge that what is being dragged would be dropped on, or null. */
export const CanvasDropContext = createContext<string | null>(null);

/** The edge under a screen point, even where a dragged card lies over it. */
export function edgeAt(x: number, y: number): string | null {
  for (const element of document.elementsFromPoint(x, y)) {
    const edge = element.closest<SVGGElement>('.react-flow__edge');
    if (edge?.dataset.id !== undefined) return edge.dataset.id;
  }
  return null;
}
