'use client';

import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { StatusIcon } from '#components/ui/chip.tsx';
import { cn } from '#components/ui/cn.ts';
import type { Json } from '#lib/base/json.ts';
import type { Iteration, LoopState } from '#lib/engine/loop-state.ts';
import { Elapsed } from './elapsed.tsx';
import { iterationLook } from './iteration-look.ts';

interface IterationsProps {
  readonly loop: LoopState;
  readonly onSelectStep: (key: string) => void;
}

/** Rows drawn at once; a loop may have ten thousand iterations. */
const PAGE = 50;

/** What a loop has done: its iterations in order, with their steps under the ones that are opened. */
export function Iterations({ loop, onSelectStep }: IterationsProps) {
  const [shown, setShown] = useState(PAGE);
  const [onlyFailed, setOnlyFailed] = useState(false);
  const failed = loop.iterations.filter((one) => one.status === 'failed').length;
  const listed = onlyFailed ? loop.iterations.filter((one) => one.status === 'failed') : loop.iterations;
  const ended = loop.iterations.length - loop.open;
  return (
    <section aria-label="Iterations">
      <div className="mb-1 flex min-h-7 items-center justify-between gap-2">
        <h3 className="font-medium text-small text-text-2">
          Iterations{' '}
          <span className="font-normal text-text-3">
            {ended}
            {loop.items === null ? ' ended' : ` of ${loop.items.length} ended`}
            {failed > 0 ? `, ${failed} failed` : ''}
          </span>
        </h3>
        {failed > 0 && (
          <Button size="row" variant="ghost" aria-pressed={onlyFailed} onClick={() => setOnlyFailed(!onlyFailed)}>
            {onlyFailed ? 'Show all' : 'Show failed'}
          </Button>
        )}
      </div>
      {listed.length === 0 ? (
        <p className="text-small text-text-3">None has begun.</p>
      ) : (
        <ol className="divide-y divide-line-1 overflow-hidden rounded-control border border-line-1">
          {listed.slice(0, shown).map((iteration) => (
            <IterationRow key={iteration.number} iteration={iteration} onSelectStep={onSelectStep} />
          ))}
        </ol>
      )}
      {listed.length > shown && (
        <Button size="row" variant="ghost" className="mt-1" onClick={() => setShown(shown + PAGE * 4)}>
          Show more ({listed.length - shown} left)
        </Button>
      )}
    </section>
  );
}

function IterationRow({ iteration, onSelectStep }: { readonly iteration: Iteration; readonly onSelectStep: (key: string) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex h-8 w-full items-center gap-2 px-2 text-left hover:bg-hover"
      >
        <ChevronRight className={cn('size-3.5 shrink-0 text-text-3', open && 'rotate-90')} aria-hidden />
        <StatusIcon status={iterationLook(iteration)} className="size-3.5" />
        <span className="w-8 shrink-0 font-mono text-code-small text-text-2 tabular-nums">{iteration.number}</span>
        <span className="min-w-0 flex-1 truncate font-mono text-code-small text-text-3">{shortJson(iteration.item)}</span>
        <span className="shrink-0 font-mono text-code-small text-text-3">
          <Elapsed from={iteration.startedAt} to={iteration.endedAt} />
        </span>
      </button>
      {open && (
        <ul className="border-line-1 border-t bg-sunken py-1">
          {iteration.graph.steps.map((step) => {
            const at = iteration.steps[step.index];
            if (at === undefined) return null;
            return (
              <li key={step.id}>
                <button
                  type="button"
                  onClick={() => onSelectStep(iteration.prefix + step.id)}
                  className="flex h-7 w-full items-center gap-2 pr-2 pl-8 text-left text-small hover:bg-hover"
                >
                  <StatusIcon status={at.status} className="size-3.5" />
                  <span className="min-w-0 flex-1 truncate">{step.source.name ?? step.id}</span>
                  <span className="shrink-0 font-mono text-code-small text-text-3">
                    <Elapsed from={at.firstStartedAt} to={at.endedAt} />
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </li>
  );
}

function shortJson(item: Json): string {
  const text = typeof item === 'string' ? item : JSON.stringify(item);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
