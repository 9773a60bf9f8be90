import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DecideButtons } from '#components/approvals/decide-buttons.tsx';
import { JsonField } from '#components/form/json-field.tsx';
import { useCan } from '#components/shell/session.tsx';
import { Button } from '#components/ui/button.tsx';
import { FormError } from '#components/ui/field.tsx';
import { Markdown } from '#components/ui/markdown.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { errorMessage } from '#lib/base/errors.ts';
import type { Json } from '#lib/base/json.ts';
import { runApprovalsOptions } from '#lib/client/approvals.ts';
import { request } from '#lib/client/request.ts';
import { sendEvent } from '#lib/contracts/events.ts';
import { awaitedType } from '#lib/engine/event-buffer.ts';
import type { StepState } from '#lib/engine/state.ts';

interface WaitingStepProps {
  readonly runId: string;
  readonly stepKey: string;
  readonly run: StepState;
}

/** What a person can do for a step that waits: decide, or send the event that it waits for. */
export function WaitingStep({ runId, stepKey, run }: WaitingStepProps) {
  const type = awaitedType(run);
  if (type !== null) return <SendEvent key={type} runId={runId} type={type} />;
  return run.waiting?.kind === 'approval' ? <Decide runId={runId} stepKey={stepKey} /> : null;
}

function Decide({ runId, stepKey }: Omit<WaitingStepProps, 'run'>) {
  const { data } = useQuery(runApprovalsOptions(runId, stepKey));
  const approval = data?.approvals[0];
  if (approval === undefined) return null;
  return (
    <section aria-label="Decision" className="flex flex-col gap-3 rounded-card border border-line-1 p-3">
      <Markdown text={approval.message} className="text-body text-text-1" />
      <DecideButtons approval={approval} />
    </section>
  );
}

function SendEvent({ runId, type }: { runId: string; type: string }) {
  const mayRun = useCan('runs:write');
  const [payload, setPayload] = useState<Json>({});
  const [readable, setReadable] = useState(true);
  const send = useMutation({
    mutationFn: () => request(sendEvent, { params: { run_id: runId, event_type: type }, body: payload }),
    onSuccess: () => toastDone(`Sent ${type}`),
  });
  if (!mayRun) return null;
  return (
    <section aria-label="Event" className="flex flex-col items-start gap-2 rounded-card border border-line-1 p-3">
      <p className="text-small text-text-2">
        It waits for <code className="font-mono text-code text-text-1">{type}</code>. Send one:
      </p>
      <div className="w-full">
        <JsonField
          label="Payload"
          field={{ placeholder: '{}', required: false }}
          value={payload}
          onChange={(_path, value) => setPayload(value ?? null)}
          onReadable={setReadable}
        />
      </div>
      <FormError>{send.error === null ? null : errorMessage(send.error)}</FormError>
      <Button disabled={!readable} loading={send.isPending} onClick={() => send.mutate()}>
        Send event
      </Button>
    </section>
  );
}
