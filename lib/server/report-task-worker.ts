import type { Access } from '#lib/auth/access.ts';
import type { Json } from '#lib/base/json.ts';
import { isSmallerThan } from '#lib/base/value-size.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { reportTaskWorker as contract, WireReport } from '#lib/contracts/task-workers.ts';
import { type NewReport, postReports } from '#lib/db/remote-steps.ts';
import { beatTaskWorker, claimedWork } from '#lib/db/task-workers.ts';
import type { RunError } from '#lib/engine/events.ts';
import type { RemoteReport } from '#lib/engine/remote.ts';
import { callOf } from '#lib/steps/code/calls.ts';
import { noTaskWorker, taskWorkerUuid } from './task-worker-id.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Estimated bytes of JSON that a step may pass on. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Hands the reports of a task worker to their runs, in order. What is accepted is durable. */
export async function reportTaskWorker(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workspace = workspaceUuid(access);
  const uuid = taskWorkerUuid(params.id);
  const worker = await beatTaskWorker(workspace, uuid);
  if (worker === null) throw noTaskWorker();
  const claimed = await claimedWork(workspace, uuid);
  const now = Date.now();
  const posts: { readonly place: number; readonly post: NewReport }[] = [];
  for (const [place, { id, report }] of body.reports.entries()) {
    const offer = claimed.get(id);
    if (offer !== undefined) posts.push({ place, post: { offer, report: reportOf(report, now) } });
  }
  const accepted = body.reports.map(() => false);
  const stands =
    posts.length === 0
      ? []
      : await postReports(
          worker.id,
          posts.map(({ post }) => post),
        );
  for (const [index, { place }] of posts.entries()) accepted[place] = stands[index] === true;
  const pausing = [...new Set(body.reports.map((one) => one.id))].filter((id) => claimed.get(id)?.runStatus === 'pausing');
  return { accepted, pausing };
}

function reportOf(report: WireReport, now: number): RemoteReport {
  const at = now - report.ago_ms;
  switch (report.kind) {
    case 'called':
      return { kind: 'called', at, call: callOf(report.call, at) };
    case 'step_started':
      return { kind: 'inner', at, step: report.step, report: { kind: 'started', attempt: report.attempt } };
    case 'step_log':
      return { kind: 'inner', at, step: report.step, report: { kind: 'log', lines: report.lines } };
    case 'step_progress':
      return { kind: 'inner', at, step: report.step, report: { kind: 'progress', progress: report.progress } };
    case 'step_completed': {
      const { step, attempt, output } = report;
      const small = isSmallerThan(MAX_OUTPUT_BYTES, output);
      const failed = { kind: 'failed', attempt, error: TOO_LARGE, retryable: false } as const;
      return { kind: 'inner', at, step, report: small ? { kind: 'completed', attempt, output } : failed };
    }
    case 'step_failed': {
      const { step, attempt, error, retryable } = report;
      return { kind: 'inner', at, step, report: { kind: 'failed', attempt, error: errorOf(error), retryable } };
    }
    case 'returned': {
      const { output } = report;
      const small = isSmallerThan(MAX_OUTPUT_BYTES, output);
      return { kind: 'ended', at, outcome: small ? { kind: 'completed', output } : { kind: 'failed', error: TOO_LARGE, retryable: false } };
    }
    case 'threw':
      return { kind: 'ended', at, outcome: { kind: 'failed', error: errorOf(report.error), retryable: false } };
    case 'parked':
      return { kind: 'ended', at, outcome: { kind: 'wait', on: 'code', until: null, data: { known: report.known } } };
  }
}

const TOO_LARGE: RunError = { code: 'OUTPUT_TOO_LARGE', message: 'The output is larger than the 1 MiB that a step may pass on' };

function errorOf({ code, message, data }: { code: string; message: string; data?: Json | undefined }): RunError {
  return data === undefined ? { code, message } : { code, message, data };
}
