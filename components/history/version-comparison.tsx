'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import type { CanvasHandle } from '#components/graph/canvas-handle.ts';
import type { CanvasSelection } from '#components/graph/canvas-selection.ts';
import { GraphCanvas } from '#components/graph/graph-canvas.tsx';
import { versionOptions } from '#lib/client/versions.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { diffDefinitions } from '#lib/workflow/diff.ts';
import { ChangeList } from './change-list.tsx';
import { type ComparedGraph, compareGraphs } from './diff-overlay.ts';

interface VersionComparisonProps {
  readonly workflowId: string;
  readonly before: number;
  readonly after: number;
}

const NO_EDGES: ReadonlySet<string> = new Set();

/** Two versions on one canvas, and what changed between them in words beside it. */
export function VersionComparison({ workflowId, before, after }: VersionComparisonProps) {
  const earlier = useQuery(versionOptions(workflowId, before)).data?.definition;
  const later = useQuery(versionOptions(workflowId, after)).data?.definition;
  const [selected, setSelected] = useState<string | null>(null);
  const canvas = useRef<CanvasHandle>(null);
  const compared = useMemo(() => {
    if (earlier === undefined || later === undefined) return null;
    const diff = diffDefinitions(earlier, later, stepCatalog);
    return { diff, graph: compareGraphs(later, diff) };
  }, [earlier, later]);
  if (compared === null) return <div className="min-w-0 flex-1 bg-bg-0" aria-busy="true" />;

  const { diff, graph } = compared;
  const selection: CanvasSelection = { steps: new Set(selected === null ? [] : [selected]), edges: NO_EDGES };
  return (
    <>
      <div className="min-h-0 min-w-0 flex-1">
        <GraphCanvas
          key={`${before}-${after}`}
          steps={graph.steps}
          catalog={stepCatalog}
          overlay={graph.overlay}
          selection={selection}
          onSelectionChange={(next) => setSelected([...next.steps].at(-1) ?? null)}
          beginAt={firstChanged(graph)}
          onReady={(handle) => {
            canvas.current = handle;
          }}
          label={`Changes from version ${before} to version ${after}`}
        />
      </div>
      <aside
        aria-label="Changes"
        className="w-90 shrink-0 overflow-y-auto border-line-1 border-l bg-bg-1 max-md:h-[38%] max-md:w-full max-md:border-t max-md:border-l-0"
      >
        <h2 className="flex min-h-11 items-baseline gap-2 border-line-1 border-b px-4 py-3 text-body">
          <span className="shrink-0 font-mono text-code text-text-3">
            v{before} → v{after}
          </span>
          <span className="min-w-0 font-medium">{diff.summary}</span>
        </h2>
        <ChangeList
          diff={diff}
          steps={graph.steps}
          selected={selected}
          onSelect={(stepId) => {
            setSelected(stepId);
            canvas.current?.reveal(stepId);
          }}
        />
      </aside>
    </>
  );
}

/** The first step that is not as it was. */
function firstChanged({ steps, overlay }: ComparedGraph): string | null {
  return steps.find((step) => overlay.steps.get(step.id)?.kind !== 'unchanged')?.id ?? null;
}
