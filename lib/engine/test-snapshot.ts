import type { Iteration, LoopState } from './loop-state.ts';
import { type RunState, rooted, type Scope, type StepState } from './state.ts';

/** For the tests of the fold: a copy that later events don't reach. Values inside (outputs, errors) are shared: nobody changes those. */
export function snapshot(state: RunState): RunState {
  const copies = new Map<Scope, Scope>();
  const copyOf = (scope: Scope): Scope => copies.get(scope) ?? scope;
  const copy = rooted({
    ...state,
    steps: state.steps.map((step) => ({ ...step })),
    logs: new Map([...state.logs].map(([key, lines]) => [key, [...lines]])),
    events: new Map([...state.events].map(([type, list]) => [type, [...list]])),
    eventWaits: new Map([...state.eventWaits].map(([type, keys]) => [type, new Set(keys)])),
    agenda: new Set(state.agenda),
    busy: new Set(),
    undoing: [...state.undoing],
    timers: [],
    looping: new Set(state.looping),
  });
  copies.set(state, copy);
  copyLoops(copy, copies);
  for (const scope of state.busy) copy.busy.add(copyOf(scope));
  for (const { at, scope, step } of state.timers) copy.timers.push({ at, scope: copyOf(scope), step });
  return copy;
}

function copyLoops(scope: Scope, copies: Map<Scope, Scope>): void {
  for (const step of scope.steps) {
    if (step.loop !== null) copyLoop(scope, step, step.loop, copies);
  }
}

function copyLoop(outer: Scope, step: StepState, loop: LoopState, copies: Map<Scope, Scope>): void {
  const iterations = loop.iterations.map((iteration): Iteration => {
    const steps = iteration.steps.map((one) => ({ ...one }));
    const copy: Iteration = { ...iteration, root: outer.root, outer, steps, agenda: new Set(iteration.agenda) };
    copies.set(iteration, copy);
    copyLoops(copy, copies);
    return copy;
  });
  const questions = new Map([...loop.questions].map(([number, question]) => [number, { ...question }]));
  step.loop = { ...loop, iterations, questions };
}
