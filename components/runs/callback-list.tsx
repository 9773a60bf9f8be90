'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { useCan } from '#components/shell/session.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import { toastDone, toastFailed } from '#components/ui/toast.tsx';
import { plural } from '#lib/client/format.ts';
import { request } from '#lib/client/request.ts';
import { deliveryOptions } from '#lib/client/run-control.ts';
import { type Delivery, redeliver } from '#lib/contracts/deliveries.ts';

/** What was sent to the callback address when the run ended. Not drawn where there is none. */
export function CallbackList({ runId }: { readonly runId: string }) {
  const { data } = useQuery({ ...deliveryOptions(runId), refetchInterval: 5000 });
  if (data === undefined || data.total === 0) return null;
  return (
    <section aria-label="Callbacks">
      <h3 className="mb-1 flex h-7 items-center font-medium text-small text-text-2">Callbacks</h3>
      <ul className="flex flex-col">
        {data.deliveries.map((delivery) => (
          <CallbackLine key={delivery.id} runId={runId} delivery={delivery} />
        ))}
      </ul>
    </section>
  );
}

const WORDS: Record<Delivery['status'], string> = { pending: 'Not delivered yet', delivered: 'Delivered', failed: 'Given up' };

function CallbackLine({ runId, delivery }: { runId: string; delivery: Delivery }) {
  const mayWrite = useCan('runs:write');
  const queries = useQueryClient();
  const last = delivery.attempts.at(-1);
  const again = useMutation({
    mutationFn: () => request(redeliver, { params: { run_id: runId, delivery_id: delivery.id } }),
    onSuccess: async () => {
      toastDone('The callback is sent again');
      await queries.invalidateQueries({ queryKey: deliveryOptions(runId).queryKey });
    },
    onError: (thrown) => toastFailed(thrown.message),
  });
  return (
    <li className="flex items-start gap-2 border-line-1 border-b py-1.5 last:border-b-0">
      <div className="min-w-0 flex-1">
        <p className="truncate font-mono text-code">{delivery.url}</p>
        <p className="text-small text-text-2">
          {WORDS[delivery.status]} after {plural(delivery.attempts.length, 'attempt')}
          {last?.error ? `: ${last.error}` : ''}
          {delivery.next_attempt_at ? (
            <>
              , next <RelativeTime iso={delivery.next_attempt_at} />
            </>
          ) : null}
        </p>
      </div>
      {mayWrite ? <IconButton icon={Send} label="Send again" size="row" onClick={() => again.mutate()} /> : null}
    </li>
  );
}
