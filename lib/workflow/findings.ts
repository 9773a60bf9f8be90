import type { Problem } from '#lib/base/problem.ts';
import type { Definition, Step } from './definition.ts';
import type { StepCatalog } from './step-type.ts';

/** What the checks of one definition work on and write to. */
export interface Checked {
  /** As far as it could be read: fields with schema faults are left out, so that the other checks can go on. */
  readonly definition: Definition;
  readonly catalog: StepCatalog;
  readonly index: ReadonlyMap<string, number>;
  readonly errors: Findings;
  readonly warnings: Findings;
  /** Of a loop's body: the scope that the loop is in. */
  readonly outer: { readonly checked: Checked; readonly loop: Step } | null;
}

/** More than this many problems help nobody; the rest are counted. */
const MAX_PROBLEMS = 1000;

/** Collects problems, at most MAX_PROBLEMS of them, and counts the others. */
export interface Findings {
  readonly problems: Problem[];
  hidden: number;
  /** JSON Pointer of what is checked: `''`, or the config that holds a body. */
  readonly base: string;
}

export function noFindings(): Findings {
  return { problems: [], hidden: 0, base: '' };
}

/** Findings of a part, collected with those of the whole; `base` is where the part stands. */
export function within(findings: Findings, base: string): Findings {
  return {
    problems: findings.problems,
    base: findings.base + base,
    get hidden() {
      return findings.hidden;
    },
    set hidden(count) {
      findings.hidden = count;
    },
  };
}

export function report(findings: Findings, problem: Problem): void {
  if (findings.problems.length < MAX_PROBLEMS) findings.problems.push({ ...problem, path: findings.base + problem.path });
  else findings.hidden += 1;
}

/** Reports a problem of a step; `at` is a JSON Pointer within it. */
export function reportStep(findings: Findings, step: Step, index: number, at: string, code: string, message: string): void {
  report(findings, { step: step.id, path: `/steps/${index}${at}`, code, message });
}

/** The problems, with a last one that says how many are not shown. */
export function listed(findings: Findings): Problem[] {
  if (findings.hidden === 0) return findings.problems;
  const more = { path: '', code: 'too_many_problems', message: `… and ${findings.hidden} more` };
  return [...findings.problems, more];
}
