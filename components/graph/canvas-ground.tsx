import { Background, BackgroundVariant, MiniMap, useStore, useStoreApi, ViewportPortal } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import { CanvasControls } from './canvas-controls.tsx';
import { DustLayer } from './dust-layer.tsx';
import type { Guide } from './guides.ts';
import { type Detail, detailAt, dotStrength } from './level-of-detail.ts';
import { nodeColor } from './node-color.ts';
import type { StepNode } from './to-flow.ts';

interface CanvasGroundProps {
  readonly steps: number;
  readonly tidy: (() => void) | null;
  readonly guides: readonly Guide[];
}

/** A graph this small is seen whole; a map of it would only take room. */
const MINI_MAP_FROM = 20;

/** What lies around the cards: dots, guides, controls, mini-map, and the level of detail. */
export function CanvasGround({ steps, tidy, guides }: CanvasGroundProps) {
  return (
    <>
      <LevelOfDetail />
      <Background variant={BackgroundVariant.Dots} gap={24} size={1.5} />
      {guides.length > 0 && (
        <ViewportPortal>
          <svg className="pointer-events-none absolute overflow-visible" width={1} height={1} aria-hidden>
            {guides.map(({ axis, at, from, to }) => (
              <line
                key={`${axis}${at}`}
                className="step-guide"
                {...(axis === 'x' ? { x1: at, x2: at, y1: from, y2: to } : { y1: at, y2: at, x1: from, x2: to })}
              />
            ))}
          </svg>
        </ViewportPortal>
      )}
      <DustLayer />
      <CanvasControls tidy={tidy} />
      {steps >= MINI_MAP_FROM && (
        <MiniMap<StepNode>
          pannable
          zoomable
          position="bottom-right"
          style={{ width: 176, height: 112 }}
          className="max-sm:hidden"
          nodeColor={nodeColor}
          nodeBorderRadius={8}
          ariaLabel="Map of the workflow"
        />
      )}
    </>
  );
}

/** Writes the zoom's consequences to the canvas element, so that cards needn't render again to change their looks. */
function LevelOfDetail() {
  const zoom = useStore((state) => state.transform[2]);
  const store = useStoreApi();
  const detail = useRef<Detail | null>(null);
  useEffect(() => {
    const canvas = store.getState().domNode?.closest<HTMLElement>('.canvas');
    if (!canvas) return;
    detail.current = detailAt(zoom, detail.current);
    canvas.dataset.detail = detail.current;
    canvas.style.setProperty('--canvas-zoom', String(zoom));
    canvas.style.setProperty('--dots', String(dotStrength(zoom)));
  }, [zoom, store]);
  return null;
}
