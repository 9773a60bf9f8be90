import { CircleCheck, CircleX, LoaderCircle } from 'lucide-react';
import type { AttemptRecord } from '#lib/engine/attempts.ts';
import { Elapsed } from './elapsed.tsx';

/** Attempts that are written out; a step that was tried more often shows its newest. */
const SHOWN = 20;

/** Every try of a step, the newest first. Not drawn where there was only one that went well. */
export function AttemptList({ attempts }: { readonly attempts: readonly AttemptRecord[] }) {
  if (attempts.length === 0 || (attempts.length === 1 && attempts[0]?.success !== false)) return null;
  const several = new Set(attempts.map((one) => one.execution)).size > 1;
  const hidden = attempts.length - SHOWN;
  return (
    <section aria-label="Attempts">
      <h3 className="mb-1 flex h-7 items-center font-medium text-small text-text-2">Attempts</h3>
      <ol className="flex flex-col">
        {attempts
          .slice(-SHOWN)
          .reverse()
          .map((one) => (
            <li
              key={`${one.execution}.${one.attempt}.${one.startedAt}`}
              className="flex gap-2 border-line-1 border-b py-1.5 last:border-b-0"
            >
              <span className="flex h-4 items-center">
                <Mark success={one.success} />
              </span>
              <div className="min-w-0 flex-1">
                <div className="flex items-baseline justify-between gap-2 text-small">
                  <span>
                    {one.attempt}
                    {several ? <span className="text-text-3"> of run {one.execution}</span> : null}
                    <span className="text-text-3"> · {new Date(one.startedAt).toLocaleTimeString('en-GB')}</span>
                  </span>
                  <span className="font-mono text-code text-text-3">
                    <Elapsed from={one.startedAt} to={one.endedAt} />
                  </span>
                </div>
                {one.error ? <p className="break-words text-small text-text-2">{one.error.message}</p> : null}
              </div>
            </li>
          ))}
      </ol>
      {hidden > 0 ? <p className="text-small text-text-3">and {hidden} before</p> : null}
    </section>
  );
}

function Mark({ success }: { success: boolean | null }) {
  if (success === null) return <LoaderCircle className="size-4 text-status-running" aria-label="Running" />;
  if (success) return <CircleCheck className="size-4 text-status-completed" aria-label="Completed" />;
  return <CircleX className="size-4 text-status-failed" aria-label="Failed" />;
}
