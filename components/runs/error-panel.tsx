'use client';

import { CircleX } from 'lucide-react';
import type { RunError } from '#lib/engine/events.ts';
import { ValueView } from './value-view.tsx';

interface ErrorPanelProps {
  readonly error: RunError;
  /** Another attempt is due. */
  readonly retrying?: boolean;
  /** Opens the step that it came from; absent where that is on the screen already. */
  readonly onSelectStep?: (stepId: string) => void;
}

/** The cause of a failure: what happened, its stable code, and everything that is known of it. */
export function ErrorPanel({ error, retrying = false, onSelectStep }: ErrorPanelProps) {
  const { step } = error;
  return (
    <section role="alert" className="flex flex-col gap-2 rounded-card border border-status-failed p-3">
      <div className="flex items-start gap-2">
        <CircleX className="mt-0.5 size-4 text-status-failed" aria-hidden />
        <div className="min-w-0 flex-1">
          <p className="whitespace-pre-wrap text-body">{error.message}</p>
          <p className="font-mono text-code-small text-text-3">
            {error.code}
            {error.path === undefined ? null : ` at ${error.path}`}
            {retrying ? ' · will be tried again' : null}
          </p>
        </div>
      </div>
      {error.data === undefined || error.data === null ? null : <ValueView value={error.data} open={1} />}
      {step === undefined || onSelectStep === undefined ? null : (
        <button type="button" className="self-start font-medium text-accent hover:text-accent-hover" onClick={() => onSelectStep(step)}>
          Show step {step}
        </button>
      )}
    </section>
  );
}
