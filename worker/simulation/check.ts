import type { Bugs } from './bugs.ts';
import { drawPlan, type Plan, piecesOf, without } from './plan.ts';
import { type Result, simulate } from './simulate.ts';

/** Plays a plan and says which promise it breaks. Where outcomes are certain, it is played again in peace and another order. */
export function check(plan: Plan, bugs?: Bugs): Result {
  const result = simulate(plan, bugs === undefined ? {} : { bugs });
  if (result.broken !== null || !plan.certain) return result;
  const calm = simulate({ ...plan, faults: [] }, { order: plan.seed + 0.5 });
  const all = {
    ...result,
    runs: result.runs + calm.runs,
    moves: result.moves + calm.moves,
    statements: result.statements + calm.statements,
  };
  for (const [name, outcome] of Object.entries(calm.outcomes)) {
    const other = result.outcomes[name];
    if (other !== outcome)
      return { ...all, broken: `The run ${name} ends otherwise without faults and in another order: ${outcome} and not ${other}` };
  }
  return calm.broken === null ? all : { ...all, broken: `Without faults and in another order: ${calm.broken}` };
}

export interface Failure {
  readonly seed: number;
  /** Pieces of the plan that are left out. */
  readonly without: readonly string[];
  readonly left: number;
  readonly broken: string;
  /** What to run to see it again. */
  readonly replay: string;
}

/** The smallest plan that still breaks a promise, found by leaving out one piece after another, in at most `most` plays. */
export function shrink(seed: number, bugs?: Bugs, most = 400): Failure | null {
  const whole = drawPlan(seed);
  const left = new Set<string>();
  let { broken } = check(whole, bugs);
  if (broken === null) return null;
  let plays = 0;
  const leave = (names: readonly string[]): boolean => {
    if (names.length === 0 || plays >= most) return false;
    plays++;
    const without_ = new Set([...left, ...names]);
    const result = check(without(whole, without_), bugs);
    if (result.broken === null) return false;
    broken = result.broken;
    for (const name of names) left.add(name);
    return true;
  };
  const pieces = (): string[] => piecesOf(without(whole, left)).filter((name) => !left.has(name));
  for (let more = true; more && plays < most; ) {
    more = false;
    // First halves, then quarters, at last one by one.
    for (let size = Math.ceil(pieces().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      const all = pieces();
      for (let at = 0; at < all.length; at += size) if (leave(all.slice(at, at + size))) more = true;
    }
  }
  const names = [...left].sort();
  const option = names.length === 0 ? '' : ` --without ${names.join(',')}`;
  return { seed, without: names, left: pieces().length, broken, replay: `node bench/simulation.ts --replay ${seed}${option}` };
}

/** The plan of a seed without these pieces, as a replay names them. */
export function planOf(seed: number, names: readonly string[]): Plan {
  return without(drawPlan(seed), new Set(names));
}
