import { AppError } from '#lib/base/errors.ts';
import { escapePointer } from '#lib/base/json.ts';
import type { ControlAnswer } from '#lib/db/control-runs.ts';
import type { Refusal } from '#lib/engine/resume.ts';
import { isFinal } from '#lib/engine/state.ts';
import { noRun } from './run-view.ts';

type Accepted = Extract<ControlAnswer, { kind: 'accepted' }>;

/** What was agreed to; a refusal is thrown: `not_found`, `conflict`, or `validation_error` for a step that doesn't exist. */
export function accepted(answer: ControlAnswer, wish: string): Accepted {
  if (answer.kind === 'missing') throw noRun();
  if (answer.kind === 'accepted') return answer;
  if (answer.refusal !== undefined) throw refused(answer.refusal);
  if (isFinal(answer.status)) throw new AppError('conflict', `This run has already ended: it is ${answer.status}.`);
  throw new AppError('conflict', `A run that is ${answer.status.replaceAll('_', ' ')} can't be ${wish}.`);
}

/** A refusal of the engine as the API says it. */
export function refused({ code, message, output }: Refusal): AppError {
  if (code !== 'unknown_step' && code !== 'runs_again') return new AppError('conflict', `${message}.`.replace('..', '.'));
  const path = output === undefined ? '/from_step' : `/step_outputs/${escapePointer(output)}`;
  return new AppError('validation_error', message, { details: [{ path, code, message }] });
}
