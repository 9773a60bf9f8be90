import { followDraft as contract } from '#lib/contracts/workflows.ts';
import { guarded } from '#lib/http/handle.ts';
import { shutdownSignal } from '#lib/http/shutdown.ts';
import { STREAM_HEADERS, stateStream } from '#lib/http/sse.ts';
import { followDraft } from '#lib/server/follow-draft.ts';

/** `GET …/{id}/draft/stream`: how the draft is, who has it open, and each change of either. */
export const followDraftOperation = guarded(contract, async (call, access) => {
  const signal = AbortSignal.any([call.request.signal, shutdownSignal()]);
  const events = await followDraft(access, { workflowId: call.input.params.id, signal });
  return new Response(stateStream(events, signal), { headers: { ...STREAM_HEADERS, 'x-request-id': call.requestId } });
});
