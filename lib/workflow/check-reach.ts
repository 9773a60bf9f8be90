import type { Step } from './definition.ts';
import { type Checked, reportStep } from './findings.ts';
import { dependencyBranch, dependencyStep } from './graph.ts';
import { componentsInOrder, fallbackOf, stepsBefore } from './upstream.ts';

interface EdgeIn {
  readonly from: number;
  readonly branch: string | null;
}
/** Branches that must have been taken for a step to run: index of the deciding step → branch. */
type Required = ReadonlyMap<number, string>;

/** Of a long line of decisions the last ones are kept; 10,000 in a row would need 50 million entries. */
const MAX_REQUIRED = 32;

/** Warns of steps that can never run, and of joins that can never be met. For graphs without cycles. */
export function checkReach({ definition, index, warnings }: Checked): void {
  const { steps } = definition;
  const fallbackFor = steps.map((): number[] => []);
  for (const [at, step] of steps.entries()) fallbackFor[index.get(fallbackOf(step) ?? '') ?? -1]?.push(at);
  const runs = new Uint8Array(steps.length);
  const required: Required[] = [];
  const withQuorum = steps.some((step) => step.join === 'quorum');
  const unreachable: { readonly at: number; readonly code: string; readonly message: string }[] = [];
  for (const [at = 0] of componentsInOrder(stepsBefore(definition))) {
    const step = steps[at] as Step;
    const edges = (step.depends_on ?? []).flatMap((dependency): EdgeIn[] => {
      const from = index.get(dependencyStep(dependency));
      return from === undefined ? [] : [{ from, branch: dependencyBranch(dependency) }];
    });
    const needs = withQuorum ? edges.map((edge) => withEdge(required[edge.from], edge)) : [];
    required[at] = withQuorum ? requiredOf(step, needs) : new Map();
    const fault = whyNever(step, edges, needs, runs, (from) => steps[from] as Step);
    const replaces = fallbackFor[at] ?? [];
    const asked = replaces.length === 0 || replaces.some((from) => runs[from] === 1);
    runs[at] = step.enabled !== false && fault === null && asked ? 1 : 0;
    if (step.enabled !== false && fault !== null) unreachable.push({ at, ...fault });
  }
  for (const { at, code, message } of unreachable.sort((a, b) => a.at - b.at)) {
    reportStep(warnings, steps[at] as Step, at, code === 'unreachable' ? '' : '/join', code, message);
  }
}

function whyNever(
  step: Step,
  edges: readonly EdgeIn[],
  needs: readonly Required[],
  runs: Uint8Array,
  stepAt: (index: number) => Step,
): { readonly code: string; readonly message: string } | null {
  if (edges.length === 0) return null;
  const idle = edges.find((edge) => runs[edge.from] !== 1);
  const because = () => {
    const source = stepAt(idle?.from ?? 0);
    return `it waits for '${source.id}', which ${source.enabled === false ? 'is disabled' : 'never runs'}`;
  };
  if (step.join === 'quorum') {
    const most = mostSatisfied(edges, needs, runs);
    const min = step.min_success ?? 1;
    if (most >= min || min > edges.length) return null;
    return {
      code: 'join_never_met',
      message: `Step '${step.id}' never runs: it needs ${min} of its dependencies, and at most ${most} can be met in one run`,
    };
  }
  if (idle === undefined) return null;
  if (step.join === 'any') {
    if (edges.some((edge) => runs[edge.from] === 1)) return null;
    return { code: 'unreachable', message: `Step '${step.id}' never runs: ${because()}` };
  }
  if (step.allow_failed_deps === true) return null;
  return { code: 'unreachable', message: `Step '${step.id}' never runs: ${because()}` };
}

/** How many edges can be satisfied in one run at most: no two branches of one decision, no error beside a completion. */
function mostSatisfied(edges: readonly EdgeIn[], needs: readonly Required[], runs: Uint8Array): number {
  const possible = edges.flatMap((edge, at) => (runs[edge.from] === 1 ? [{ edge, needs: needs[at] as Required }] : []));
  let most = 0;
  for (const group of Map.groupBy(possible, ({ edge }) => edge.from).values()) {
    const plain = group.some(({ edge }) => edge.branch === null) ? 1 : 0;
    const failed = group.some(({ edge }) => edge.branch === 'error') ? 1 : 0;
    const named = group.some(({ edge }) => edge.branch !== null && edge.branch !== 'error') ? 1 : 0;
    most += Math.max(failed, plain + named);
  }
  for (const decider of new Set(possible.flatMap((one) => [...one.needs.keys()]))) {
    const byBranch = Map.groupBy(possible, (one) => one.needs.get(decider));
    const free = byBranch.get(undefined)?.length ?? 0;
    const taken = [...byBranch].map(([branch, group]) => (branch === undefined ? 0 : group.length));
    most = Math.min(most, free + Math.max(0, ...taken));
  }
  return most;
}

function withEdge(source: Required | undefined, edge: EdgeIn): Required {
  if (edge.branch === null) return source ?? new Map();
  const all = [...(source ?? []), [edge.from, edge.branch] as const];
  return new Map(all.slice(-MAX_REQUIRED));
}

function requiredOf(step: Step, needs: readonly Required[]): Required {
  const [first, ...others] = needs;
  if (first === undefined) return new Map();
  if (step.join === 'quorum' && step.min_success === needs.length) return new Map(needs.flatMap((one) => [...one]).slice(-MAX_REQUIRED));
  return new Map([...first].filter(([decider, branch]) => others.every((other) => other.get(decider) === branch)));
}
