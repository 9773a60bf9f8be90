import type { RunState, Scope } from '#lib/engine/state.ts';

/** What readers see of a state, as text: without the marks of the process that drives the run. */
export function visible(state: RunState): string {
  const { error, output, pause, cancel, settled, startedAt, endedAt, deadline, seq } = state;
  const status = state.status === 'waiting' ? 'running' : state.status;
  return JSON.stringify({ status, seq, error, output, pause, cancel, settled, startedAt, endedAt, deadline, steps: stepsOf(state) });
}

function stepsOf(scope: Scope): unknown {
  return scope.steps.map(({ taken: _, lost: __, stopping: ___, loop, ...step }) => ({
    ...step,
    loop: loop && {
      ...{ open: loop.open, stopped: loop.stopped, closing: loop.closing, questions: [...loop.questions.keys()] },
      iterations: loop.iterations.map((one) => ({
        number: one.number,
        item: one.item,
        status: one.status,
        output: one.output,
        steps: stepsOf(one),
      })),
    },
  }));
}

/** How a run ended, without when: what must be the same whatever the order of things and the faults in between. */
export function outcome(state: RunState): string {
  const whole = JSON.stringify({ status: state.status, output: state.output, error: state.error?.code ?? null, steps: endsOf(state) });
  return whole.replaceAll(MOMENT, 'a moment').replaceAll(RUN_ID, 'a run');
}

const MOMENT = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
const RUN_ID = /run_[0-9a-f]{32}/g;

function endsOf(scope: Scope): unknown {
  return scope.steps.map(({ status, output, branch, error, skipReason, loop }) => ({
    ...{ status, branch, skipReason, error: error?.code ?? null, output },
    iterations: loop?.iterations.map((one) => ({ status: one.status, steps: endsOf(one) })) ?? null,
  }));
}
