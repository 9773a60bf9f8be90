'use client';

import { MiniGraph } from '#components/graph/mini-graph.tsx';
import { cn } from '#components/ui/cn.ts';
import { plural } from '#lib/client/format.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { Definition } from '#lib/workflow/definition.ts';

/** A still picture of a template's graph on the canvas's own ground. */
export function TemplateGraph({ definition, className }: { definition: Definition; className?: string }) {
  return (
    <div className={cn('flex items-center justify-center overflow-hidden bg-bg-0 p-4', className)}>
      <MiniGraph
        steps={definition.steps}
        catalog={stepCatalog}
        label={`Graph of ${definition.name}: ${plural(definition.steps.length, 'step')}`}
        className="h-full w-full"
      />
    </div>
  );
}
