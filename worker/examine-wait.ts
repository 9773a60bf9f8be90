import { errorMessage } from '#lib/base/errors.ts';
import type { Examination } from '#lib/engine/decision.ts';
import { lookAgain } from '#lib/engine/wait-questions.ts';
import type { RunDriver } from './execute-run.ts';
import { type ConditionAnswer, evaluateLate } from './step-scope.ts';

/** Asks what a wait wants to know of an event, or of the run as it is now. */
export function examineWait(run: RunDriver, work: Examination): ConditionAnswer | Promise<ConditionAnswer> {
  const { scope, prepared } = run.find(work.step);
  const answer = evaluateLate(prepared, scope, work, run.facts, Date.now());
  if (!(answer instanceof Promise)) return answer;
  return answer.catch((thrown): ConditionAnswer => ({ error: { code: 'CONDITION_EVALUATION_ERROR', message: errorMessage(thrown) } }));
}

/** Keeps the answer; a condition that does not hold yet is asked again later. True: the engine has to be asked. */
export function recordExamined(run: RunDriver, work: Examination, answer: ConditionAnswer): true {
  const event = work.event?.nr ?? null;
  const at = Date.now();
  if (event === null && 'value' in answer && !answer.value) lookAgain(run.state, work.step, at);
  else run.record({ type: 'wait_examined', step: work.step, event, at, ...answer });
  return true;
}
