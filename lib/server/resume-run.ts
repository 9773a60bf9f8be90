import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { resumeRun as contract, restartRun as restartContract } from '#lib/contracts/run-control.ts';
import { type ControlAnswer, requestReopen, requestResume } from '#lib/db/control-runs.ts';
import { loadGraph } from '#lib/db/definitions.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { accepted } from './control-answer.ts';
import { workflowUuid } from './load-workflow.ts';
import { placeOf } from './run-place.ts';
import { loadRun } from './run-view.ts';
import { loadVersion } from './version-view.ts';

/** Lets a paused run go on, or runs a paused, failed or cancelled one again from a step, perhaps with another version. */
export async function resumeRun(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const place = placeOf(access, params.run_id);
  if (body.from_step === undefined && body.version === undefined && !body.dry_run) {
    return answerOf(params.run_id, await requestResume(place), 'resumed');
  }
  const onto = body.version === undefined ? {} : { onto: await versionOf(access, params.run_id, body.version) };
  const wish = { kind: 'resume', fromStep: body.from_step ?? null, dryRun: body.dry_run, ...onto } as const;
  return answerOf(params.run_id, await requestReopen(place, wish), 'resumed');
}

/** Runs a run again under its id, from the beginning or from a step, whatever its status. */
export async function restartRun(
  access: Access,
  { params, body }: InputOf<typeof restartContract>,
): Promise<AnswerOf<typeof restartContract>> {
  const wish = { kind: 'restart', fromStep: body.from_step ?? null, dryRun: body.dry_run } as const;
  return answerOf(params.run_id, await requestReopen(placeOf(access, params.run_id), wish), 'restarted');
}

async function versionOf(access: Access, runId: string, number: number) {
  const run = await loadRun(access, runId);
  const { definitionHash: hash, number: version } = await loadVersion(workflowUuid(run.workflowId), number);
  return { hash, version, graph: await loadGraph(hash, stepCatalog) };
}

function answerOf(runId: string, answer: ControlAnswer, wish: string): AnswerOf<typeof contract> {
  const { status, plan } = accepted(answer, wish);
  return { run_id: runId, status, runs_again: [...(plan?.runsAgain ?? [])], kept: [...(plan?.kept ?? [])] };
}
