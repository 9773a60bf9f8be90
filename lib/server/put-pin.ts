import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { putPin as contract, deletePin as deleteContract } from '#lib/contracts/trial.ts';
import { findDraft } from '#lib/db/drafts.ts';
import { deletePinRecord, putPinRecord } from '#lib/db/pins.ts';
import { pinView } from './get-tests.ts';
import { loadWorkflow } from './load-workflow.ts';

/** Pins what a step of the draft gives in test runs. Steps inside of loops have as many outputs as iterations, so they have no pin. */
export async function putPin(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { uuid } = await loadWorkflow(access, params.id);
  const draft = await findDraft(uuid);
  const step = draft?.definition.steps.find(({ id }) => id === params.step_id);
  if (step === undefined) throw new AppError('not_found', `The draft has no step '${params.step_id}'.`);
  if (step.sensitive === 'output' && body.output === '[REDACTED]')
    throw new AppError('conflict', `The output of '${step.id}' is hidden, so the last one can't be pinned. Write one of your own.`);
  return pinView(await putPinRecord(uuid, step.id, body.output, access.actor.name));
}

/** Takes the pin away: from the next test on the step runs. */
export async function deletePin(access: Access, { params }: InputOf<typeof deleteContract>): Promise<AnswerOf<typeof deleteContract>> {
  const { uuid } = await loadWorkflow(access, params.id);
  if (!(await deletePinRecord(uuid, params.step_id))) throw new AppError('not_found', `The step '${params.step_id}' has no pin.`);
  return null;
}
