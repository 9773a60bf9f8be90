import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { cancelRun as contract } from '#lib/contracts/run-control.ts';
import { requestCancel } from '#lib/db/control-runs.ts';
import { accepted } from './control-answer.ts';
import { placeOf } from './run-place.ts';

/**
 * Cancels a run: what has not started is skipped, what runs is asked to stop; with `rollback` what completed is undone.
 * `status` is the status at this moment; a run that a worker drives ends within moments. Throws `conflict` for one that
 * has ended.
 */
export async function cancelRun(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { status } = accepted(await requestCancel(placeOf(access, params.run_id), body.rollback), 'cancelled');
  return { run_id: params.run_id, status };
}
