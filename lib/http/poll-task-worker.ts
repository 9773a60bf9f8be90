import { pollTaskWorker as contract } from '#lib/contracts/task-workers.ts';
import { answer, guarded } from '#lib/http/handle.ts';
import { shutdownSignal } from '#lib/http/shutdown.ts';
import { pollTaskWorker } from '#lib/server/poll-task-worker.ts';

/** A long poll ends with its caller, and when the process is asked to stop. */
export const pollOperation = guarded(contract, async (call, access) => {
  const signal = AbortSignal.any([call.request.signal, shutdownSignal()]);
  return answer(contract, await pollTaskWorker(access, call.input, signal), call.requestId);
});
