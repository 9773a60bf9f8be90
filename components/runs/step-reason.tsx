import { useQuery } from '@tanstack/react-query';
import { healthOptions } from '#lib/client/account.ts';
import { formatMoment } from '#lib/client/format.ts';
import { explainStep, isOffered } from '#lib/engine/explain.ts';
import { type Place, stepAt } from '#lib/engine/scope.ts';

/** Why the step ran, was skipped or waits, in one sentence. */
export function StepReason({ place: { scope, index } }: { readonly place: Place }) {
  const { at } = stepAt(scope, index);
  // Only the workers' own rows tell which queues are served.
  const health = useQuery({ ...healthOptions(), enabled: isOffered(at) });
  const unserved = health.data?.unserved_queues.map((one) => one.queue) ?? [];
  return <p className="text-body text-text-2">{explainStep(scope, index, momentOf, unserved).sentence}</p>;
}

function momentOf(millis: number): string {
  return formatMoment(new Date(millis).toISOString());
}
