import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { pauseRun as contract } from '#lib/contracts/run-control.ts';
import { requestPause } from '#lib/db/control-runs.ts';
import { accepted } from './control-answer.ts';
import { placeOf } from './run-place.ts';

/** Pauses a run; throws `conflict` where its status does not allow it. */
export async function pauseRun(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { status } = accepted(await requestPause(placeOf(access, params.run_id)), 'paused');
  return { run_id: params.run_id, status };
}
