import { formatUpcoming } from '#lib/client/format.ts';
import type { StepRunState } from './overlay.ts';
import { StepTime } from './step-time.tsx';
import type { StepCardData } from './to-flow.ts';

/** Under a card's name: what the step does, or what a run has to say of it, and how long it took. */
export function SecondLine({ data: { run, line } }: { readonly data: StepCardData }) {
  const state = run === 'unreached' ? null : run;
  const text = (state && newsLine(state)) ?? line;
  return (
    <div className="step-card__second">
      <span className="step-card__line" title={text}>
        {text}
      </span>
      {state !== null && <StepTime run={state} />}
    </div>
  );
}

/** What a run has to say in place of what the step does. */
function newsLine(run: StepRunState): string | null {
  if (run.status === 'failed' || run.status === 'undo_failed') return run.error;
  if (run.status !== 'waiting') return null;
  if (run.waitsUntil === null) return 'waiting';
  return `until ${formatUpcoming(run.waitsUntil, Date.now())}`;
}
