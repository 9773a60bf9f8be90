'use client';

import { useState } from 'react';
import type { CanvasHandle } from '#components/graph/canvas-handle.ts';
import type { CanvasSelection } from '#components/graph/canvas-selection.ts';
import { GraphCanvas } from '#components/graph/graph-canvas.tsx';
import type { RunState } from '#lib/engine/state.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { createRunOverlay } from './run-overlay.ts';

const NO_EDGES: ReadonlySet<string> = new Set();

interface RunCanvasProps {
  readonly state: RunState;
  readonly selected: string | null;
  readonly beginAt: string | null;
  readonly onReady: (canvas: CanvasHandle) => void;
  readonly onSelect: (stepId: string | null) => void;
}

/** The graph that the run executes, with each step's live state on its card and the taken path lit. */
export function RunCanvas({ state, selected, beginAt, onReady, onSelect }: RunCanvasProps) {
  const [overlayOf] = useState(createRunOverlay);
  const selection: CanvasSelection = { steps: new Set(selected === null ? [] : [selected]), edges: NO_EDGES };
  return (
    <GraphCanvas
      steps={state.graph.definition.steps}
      catalog={stepCatalog}
      overlay={overlayOf(state)}
      selection={selection}
      onSelectionChange={(next) => onSelect([...next.steps].at(-1) ?? null)}
      beginAt={beginAt}
      onReady={onReady}
      label="Steps of this run"
    />
  );
}
