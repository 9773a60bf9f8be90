import { streamRun } from '#lib/contracts/runs.ts';
import { guarded } from '#lib/http/handle.ts';
import { shutdownSignal } from '#lib/http/shutdown.ts';
import { eventStream, STREAM_HEADERS } from '#lib/http/sse.ts';
import { followRun } from '#lib/server/follow-run.ts';

/** `GET …/runs/{run_id}/stream`: history, then live. Where nothing will ever follow the given id, 204 tells EventSource to stay away. */
export const streamOperation = guarded(streamRun, async (call, access) => {
  const { params, query } = call.input;
  const after = lastEventId(call.request) ?? query.after ?? 0;
  const signal = AbortSignal.any([call.request.signal, shutdownSignal()]);
  const following = await followRun(access, { runId: params.run_id, after, signal });
  const headers = { 'x-request-id': call.requestId };
  if (following.ended) return new Response(null, { status: 204, headers });
  return new Response(eventStream(params.run_id, following.events, signal), { headers: { ...STREAM_HEADERS, ...headers } });
});

/** An id that is no number is harmless: the reader gets the whole history. */
function lastEventId(request: Request): number | undefined {
  const text = request.headers.get('last-event-id');
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
