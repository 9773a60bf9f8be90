import { useMutation, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { Values } from '#components/runs/step-inspector.tsx';
import { useCan } from '#components/shell/session.tsx';
import { Button } from '#components/ui/button.tsx';
import { FormError } from '#components/ui/field.tsx';
import { LoadingText } from '#components/ui/skeleton.tsx';
import { errorMessage } from '#lib/base/errors.ts';
import { hookCallOptions } from '#lib/client/hooks.ts';
import { request } from '#lib/client/request.ts';
import { type HookCall, replayHookCall } from '#lib/contracts/hooks.ts';
import { OUTCOME_WORDS } from './hook-words.ts';

interface CallDetailProps {
  readonly workflowId: string;
  readonly hookId: string;
  readonly call: HookCall;
}

/** One call with all that was sent, and the way to do it again. */
export function CallDetail({ workflowId, hookId, call }: CallDetailProps) {
  const router = useRouter();
  const mayRun = useCan('runs:write');
  const { data } = useQuery(hookCallOptions(workflowId, hookId, call.id));
  const replay = useMutation({
    mutationFn: (draft: boolean) =>
      request(replayHookCall, { params: { id: workflowId, hook_id: hookId, call_id: call.id }, body: { draft } }),
    onSuccess: ({ run_id }) => router.push(`/runs/${run_id}`),
  });
  return (
    <div className="flex flex-col gap-4 p-4">
      <p className="text-body text-text-2">
        {OUTCOME_WORDS[call.outcome]}
        {call.reason === null ? '.' : `: ${call.reason}`}
      </p>
      {call.run_ids.map((runId) => (
        <Link key={runId} href={`/runs/${runId}`} className="truncate font-mono text-accent text-code hover:underline">
          {runId}
        </Link>
      ))}
      {mayRun ? (
        <div className="flex flex-wrap gap-2">
          <Button loading={replay.isPending && replay.variables === false} onClick={() => replay.mutate(false)}>
            Replay
          </Button>
          <Button variant="ghost" loading={replay.isPending && replay.variables === true} onClick={() => replay.mutate(true)}>
            Replay on the draft
          </Button>
        </div>
      ) : null}
      <FormError>{replay.error === null ? null : errorMessage(replay.error)}</FormError>
      {data === undefined ? (
        <LoadingText>Loading the call</LoadingText>
      ) : (
        <>
          <Values title="Body" value={data.call.body} />
          <Values title="Query" value={data.call.query} open={1} />
          <Values title="Headers" value={data.call.headers} open={1} />
        </>
      )}
    </div>
  );
}
