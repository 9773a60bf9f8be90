import type { Access } from '#lib/auth/access.ts';
import type { Json } from '#lib/base/json.ts';
import { subscribeRun } from '#lib/db/notify.ts';
import type { RunError, RunStatus } from '#lib/engine/events.ts';
import { isFinal } from '#lib/engine/state.ts';
import { getRun } from './get-run.ts';
import { loadRun } from './run-view.ts';

/** How a run has ended. */
export interface RunEnd {
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly output: Json;
  readonly error: RunError | null;
}

/** The net under lost hints. */
const LOOK_AGAIN_MS = 1000;

/** Waits until a run has ended; null where it has not after `millis`, or `signal` ended the waiting. */
export async function awaitRun(
  access: Access,
  runId: string,
  { millis, signal }: { readonly millis: number; readonly signal: AbortSignal },
): Promise<RunEnd | null> {
  const until = Date.now() + millis;
  let wake: () => void = () => {};
  const onHint = (): void => wake();
  const unsubscribe = subscribeRun(runId, onHint);
  signal.addEventListener('abort', onHint);
  try {
    for (;;) {
      const hinted = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const { status } = await loadRun(access, runId);
      const ended = isFinal(status as RunStatus) ? await getRun(access, { params: { run_id: runId }, query: {}, body: {} }) : null;
      const run = ended?.run;
      if (run !== undefined && isFinal(run.status))
        return { status: run.status as RunEnd['status'], output: run.output, error: run.error as RunError | null };
      const left = until - Date.now();
      if (left <= 0 || signal.aborted) return null;
      const timer = setTimeout(onHint, Math.min(left, LOOK_AGAIN_MS));
      await hinted;
      clearTimeout(timer);
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', onHint);
  }
}
