import { turnsOfKey } from '#lib/workflow/step-key.ts';
import { stepOfKey } from '#lib/workflow/step-of-key.ts';
import { conditionText } from './condition-words.ts';
import { stopReason } from './explain-stop.ts';
import { stopped } from './list-words.ts';
import type { LoopState } from './loop-state.ts';
import { isSettled } from './readiness.ts';
import { stepAt } from './scope.ts';
import type { RunState, Scope, StepState } from './state.ts';

/** How far the iterations of a step are, or why no more of them began. Begins with a space; empty for a step without. */
export function iterationSentence(at: StepState): string {
  const { loop } = at;
  if (loop === null) return '';
  const ended = loop.iterations.length - loop.open;
  const of = loop.items === null ? '' : ` of ${loop.items.length}`;
  const underWay = at.status === 'running' ? ` ${ended}${of} iterations have ended, ${loop.open} under way.` : '';
  const end = endReason(loop);
  return end === null ? underWay : `${underWay} ${end}`;
}

/** Why no further iteration begins, as a sentence; null while more may, or where all had their turn. */
function endReason(loop: LoopState): string | null {
  const { closing, stoppedBy, body } = loop;
  switch (closing?.reason) {
    case 'won':
      return `Iteration ${closing.iteration} completed first, which is enough.`;
    case 'failed':
      return stopped(closing.error.message);
    case 'timeout':
      return 'It took longer than its timeout, so its iterations were stopped.';
    case 'cancelled':
      return 'Its iterations were stopped.';
    default:
      break;
  }
  if (stoppedBy !== null) {
    const { condition, iteration, read } = stoppedBy;
    const asked = conditionText((condition === 'while' ? body.while : body.breakWhen) ?? '', read);
    return condition === 'while'
      ? `It ended before iteration ${iteration}, because while was false: ${asked}.`
      : `It ended after iteration ${iteration}, because break_when was true: ${asked}.`;
  }
  if (loop.items !== null || loop.iterations.length < loop.limit) return null;
  return `It repeats at most ${loop.limit} times.`;
}

/** Why a step is not there: it is inside an iteration that has not begun. Null where no iteration could have such a step. */
export function explainUnbegun(state: RunState, key: string): Unbegun | null {
  const turns = turnsOfKey(key);
  if (turns === null || stepOfKey(state.graph, key) === undefined) return null;
  let scope: Scope = state;
  for (const { loop: id, iteration } of turns) {
    const index = scope.graph.byId.get(id)?.index;
    if (index === undefined) return null;
    const next: Scope | undefined = stepAt(scope, index).at.loop?.iterations[iteration];
    if (next === undefined) return unbegun(scope, index, iteration);
    scope = next;
  }
  return null;
}

interface Unbegun {
  readonly sentence: string;
  /** It never will. */
  readonly final: boolean;
}

function unbegun(scope: Scope, index: number, iteration: number): Unbegun | null {
  const { step, at } = stepAt(scope, index);
  const { loop } = at;
  if (loop === null) {
    if (!isSettled(at.status)) return { sentence: `Waits for the loop ${step.id}, which has not begun.`, final: false };
    return { sentence: `Never began: the loop ${step.id} had no iterations.`, final: true };
  }
  if (iteration >= loop.limit) return null;
  const end = endReason(loop);
  if (end !== null) return { sentence: `Iteration ${iteration} of ${step.id} never began. ${end}`, final: true };
  if (isSettled(at.status))
    return { sentence: `Iteration ${iteration} of ${step.id} never began, ${stopReason(scope, index)}.`, final: true };
  const places = loop.concurrency === 1 ? 'one runs at a time' : `at most ${loop.concurrency} run at the same time`;
  return { sentence: `Waits for its turn: of the iterations of ${step.id} ${places}.`, final: false };
}
