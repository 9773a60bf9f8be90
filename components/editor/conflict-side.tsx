import { useMemo } from 'react';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { diffDefinitions } from '#lib/workflow/diff.ts';
import { NO_SELECTION } from '../graph/canvas-selection.ts';
import { GraphCanvas } from '../graph/graph-canvas.tsx';
import { compareGraphs } from '../history/diff-overlay.ts';

interface ConflictSideProps {
  readonly label: string;
  readonly base: Definition;
  readonly side: Definition;
  /** Ids of what both sides changed; the canvas opens on the first. */
  readonly marked: ReadonlySet<string>;
}

/** One side on a canvas: what it changed since both began. */
export function ConflictSide({ label, base, side, marked }: ConflictSideProps) {
  const { diff, graph } = useMemo(() => {
    const made = diffDefinitions(base, side, stepCatalog);
    return { diff: made, graph: compareGraphs(side, made) };
  }, [base, side]);
  return (
    <figure className="m-0 flex min-w-0 flex-col gap-1">
      <figcaption className="flex items-baseline gap-2 text-small">
        <span className="font-medium">{label}</span>
        <span className="min-w-0 truncate text-text-3">{diff.summary}</span>
      </figcaption>
      <div className="h-44 overflow-hidden max-sm:h-32 rounded-control border border-line-1">
        <GraphCanvas
          steps={graph.steps}
          catalog={stepCatalog}
          overlay={graph.overlay}
          selection={NO_SELECTION}
          onSelectionChange={keepsNothing}
          beginAt={graph.steps.find(({ id }) => marked.has(id))?.id ?? null}
          label={`${label}: ${diff.summary}`}
        />
      </div>
    </figure>
  );
}

/** These canvases are to be looked at: nothing in them is selected. */
function keepsNothing(): void {}
