'use client';

import { ChevronRight } from 'lucide-react';
import { Fragment } from 'react';
import { iterationPrefix, turnsOfKey } from '#lib/workflow/step-key.ts';

/** The way to a step inside of loops: each part leads back to its loop. Nothing for a step outside. */
export function StepPath({ stepKey, onSelectStep }: { readonly stepKey: string; readonly onSelectStep: (key: string) => void }) {
  const turns = turnsOfKey(stepKey) ?? [];
  if (turns.length === 0) return null;
  let prefix = '';
  return (
    <nav aria-label="Loops around this step" className="-mb-2 flex flex-wrap items-center gap-1 text-small text-text-3">
      {turns.map(({ loop, iteration }) => {
        const key = prefix + loop;
        prefix = iterationPrefix(key, iteration);
        return (
          <Fragment key={key}>
            <button
              type="button"
              className="rounded-control px-1 text-text-2 hover:bg-hover hover:text-text-1"
              onClick={() => onSelectStep(key)}
            >
              {loop}
            </button>
            <span className="font-mono text-code-small">#{iteration}</span>
            <ChevronRight className="size-3" aria-hidden />
          </Fragment>
        );
      })}
    </nav>
  );
}
