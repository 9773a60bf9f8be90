import { useDeferredValue, useMemo } from 'react';
import type { Problem } from '#lib/base/problem.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { bodyAt, bodyPointer } from '#lib/workflow/edit-body.ts';
import { placeOfProblem } from '#lib/workflow/problem-place.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { validateDefinition } from '#lib/workflow/validate.ts';
import type { StepProblem } from '../graph/to-flow.ts';
import { useEditor, useWorkflowDefinition } from './editor-context.ts';
import { useServerProblems } from './use-server-problems.ts';

export interface FoundProblem extends Problem {
  readonly severity: 'error' | 'warning';
  /** Its path from what is on the canvas; null where it is elsewhere. `step` is the card that it shows on. */
  readonly place: string | null;
}

export interface Problems {
  readonly all: readonly FoundProblem[];
  readonly errors: number;
  readonly warnings: number;
  /** For the cards. */
  readonly bySteps: ReadonlyMap<string, StepProblem>;
}

/** What the validator finds in the document, a moment after it changed. */
export function useProblems(): Problems {
  const definition = useDeferredValue(useWorkflowDefinition());
  const { catalog, path, workflowId } = useEditor((state) => state);
  const told = useServerProblems(workflowId, definition);
  return useMemo(() => findProblems(definition, catalog, path, told), [definition, catalog, path, told]);
}

/** All faults, errors first. A draft without steps has nothing to complain about yet. */
function findProblems(definition: Definition, catalog: StepCatalog, path: readonly string[], told: readonly Problem[]): Problems {
  if (definition.steps.length === 0) return { all: [], errors: 0, warnings: 0, bySteps: new Map() };
  const { errors, warnings: ownWarnings } = validateDefinition(definition, catalog);
  const known = new Set([...errors, ...ownWarnings].map((one) => `${one.path} ${one.code}`));
  // The server's answer is of a moment ago: what it says of a step that is elsewhere by now is left out.
  const others = told.filter(
    (one) => !known.has(`${one.path} ${one.code}`) && placeOfProblem(one, definition, catalog)?.step.id === one.step,
  );
  const warnings = [...ownWarnings, ...others];
  const base = bodyPointer(definition, path, catalog);
  const shown = bodyAt(definition, path, catalog) ?? definition;
  const seen = (severity: FoundProblem['severity']) => (problem: Problem) => asSeen(problem, severity, base, shown);
  const all = [...errors.map(seen('error')), ...warnings.map(seen('warning'))];
  const bySteps = new Map<string, StepProblem>();
  for (const { step, severity, message } of all) {
    if (step === undefined) continue;
    const known = bySteps.get(step);
    if (known === undefined) bySteps.set(step, { severity, count: 1, message });
    else if (known.severity === severity) bySteps.set(step, { ...known, count: known.count + 1 });
  }
  return { all, errors: errors.length, warnings: warnings.length, bySteps };
}

/** A problem as it concerns what is on the canvas: one inside of a loop shows on the loop's card. */
function asSeen({ step: _, ...problem }: Problem, severity: FoundProblem['severity'], base: string, shown: Definition): FoundProblem {
  const place = problem.path.startsWith(`${base}/`) ? problem.path.slice(base.length) : base === '' ? problem.path : null;
  const at = place === null ? undefined : /^\/steps\/(\d+)/.exec(place)?.[1];
  const step = at === undefined ? undefined : shown.steps[Number(at)]?.id;
  return { ...problem, severity, place, ...(step === undefined ? {} : { step }) };
}

/** First error of each place within a part of a step (`config`, or the step itself), by pointer from that part. */
export function errorsBelow(problems: Problems, definition: Definition, step: string, part: 'config' | null): ReadonlyMap<string, string> {
  const index = definition.steps.findIndex(({ id }) => id === step);
  const prefix = part === null ? `/steps/${index}` : `/steps/${index}/${part}`;
  const found = new Map<string, string>();
  for (const problem of problems.all) {
    if (problem.severity !== 'error') continue;
    const at = problem.place;
    if (at === null || (at !== prefix && !at.startsWith(`${prefix}/`))) continue;
    const place = at.slice(prefix.length);
    if (!found.has(place)) found.set(place, problem.code === 'required' ? 'This is required' : problem.message);
  }
  return found;
}

/** What is doubtful about a step, though it may run. */
export function warningsOf(problems: Problems, step: string): readonly FoundProblem[] {
  return problems.all.filter((problem) => problem.step === step && problem.severity === 'warning');
}
