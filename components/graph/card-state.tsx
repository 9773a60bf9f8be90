import { TriangleAlert } from 'lucide-react';
import { StatusIcon } from '#components/ui/chip.tsx';
import type { StepCardData } from './to-flow.ts';

/** At a card's right end: how a run stands there, or what is wrong with the step. */
export function CardState({ data: { run, problem } }: { readonly data: StepCardData }) {
  if (run === 'unreached' || run?.status === 'pending') return null;
  // A fault of the draft comes before how the step ended when it was sound.
  if (run !== null && problem?.severity !== 'error') {
    return (
      <span className="step-card__state">
        {run.attempt > 1 && `${run.attempt}/${run.maxAttempts}`}
        <StatusIcon status={run.status} named={false} {...(run.stale ? { className: 'text-text-3' } : {})} />
      </span>
    );
  }
  if (problem === null) return null;
  return (
    <span className="step-card__state" data-severity={problem.severity} title={problem.message}>
      {problem.count > 1 && problem.count}
      <TriangleAlert size={16} strokeWidth={1.5} aria-hidden />
    </span>
  );
}
