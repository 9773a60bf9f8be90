import { isJsonObject } from '#lib/base/json.ts';
import type { Step } from '#lib/workflow/definition.ts';
import { dependencyBranch, dependencyStep } from '#lib/workflow/graph.ts';
import { type StepCatalog, type StepDefinition, stepType } from '#lib/workflow/step-type.ts';

/** Measures of a card in canvas pixels; one place, because layout, edges and the card's CSS must agree. */
export const CARD_WIDTH = 240;
const CARD_BODY = 56;
const CARD_FOOTER = 24;
const PORT_PITCH = 24;
/** Diameter of a handle; edges begin and end at its outer side. */
export const PORT_SIZE = 10;
/** A pill begins this far from the card. */
export const PILL_OFFSET = 24;
/** Where the `error` port sits on the lower side. */
const ERROR_PORT_X = CARD_WIDTH - 32;

export interface Port {
  /** Null is the plain "completed" port. */
  readonly branch: string | null;
  /** Centre, from the card's upper left corner. */
  readonly x: number;
  readonly y: number;
  readonly side: 'right' | 'bottom';
  /** True when an edge leaves here. */
  readonly used: boolean;
  /** False for a branch that edges take but the step's type doesn't have (any more). */
  readonly known: boolean;
}

export type Badge = { readonly icon: 'retry' | 'timeout' | 'condition' | 'off' | 'fallback' | 'continue' | 'pin'; readonly text: string };

/** Everything about a card that follows from the document alone. */
export interface CardShape {
  readonly width: number;
  readonly height: number;
  /** Height of the part above the footer. */
  readonly body: number;
  readonly ports: readonly Port[];
  /** Centre of the input handle on the left side. */
  readonly inputY: number;
  readonly badges: readonly Badge[];
}

/** Branch names that each step's outgoing edges take; null stands for a plain edge. */
export function takenBranches(steps: readonly Step[]): ReadonlyMap<string, ReadonlySet<string | null>> {
  const taken = new Map<string, Set<string | null>>();
  for (const step of steps) {
    for (const dependency of step.depends_on ?? []) {
      const from = dependencyStep(dependency);
      const set = taken.get(from) ?? new Set();
      set.add(dependencyBranch(dependency));
      taken.set(from, set);
    }
  }
  return taken;
}

/** Branches of a step besides `error`; a config that its own type can't read counts as having none. */
export function branchesOf(step: Step, type: StepDefinition | undefined): readonly string[] {
  if (type === undefined) return [];
  try {
    return type.branches(isJsonObject(step.config) ? step.config : {});
  } catch {
    return [];
  }
}

const NOTHING_TAKEN: ReadonlySet<string | null> = new Set();

/** Size, ports and badges of a step's card. */
export function cardShape(step: Step, catalog: StepCatalog, taken: ReadonlySet<string | null> = NOTHING_TAKEN, pinned = false): CardShape {
  const declared = branchesOf(step, stepType(catalog, step.type));
  const rightBranches: (string | null)[] = declared.length === 0 || taken.has(null) ? [null, ...declared] : [...declared];
  for (const branch of taken) {
    if (branch !== null && branch !== 'error' && !declared.includes(branch)) rightBranches.push(branch);
  }
  const badges: readonly Badge[] = pinned ? [{ icon: 'pin', text: 'pinned' }, ...badgesOf(step)] : badgesOf(step);
  const count = rightBranches.length;
  const body = Math.max(CARD_BODY, PORT_PITCH * count + 8);
  const firstY = body / 2 - ((count - 1) * PORT_PITCH) / 2;
  const height = body + (badges.length > 0 ? CARD_FOOTER : 0);
  const ports = rightBranches.map(
    (branch, index): Port => ({
      branch,
      x: CARD_WIDTH,
      y: firstY + index * PORT_PITCH,
      side: 'right',
      used: taken.has(branch),
      known: branch === null || declared.includes(branch),
    }),
  );
  ports.push({ branch: 'error', x: ERROR_PORT_X, y: height, side: 'bottom', used: taken.has('error'), known: true });
  return { width: CARD_WIDTH, height, body, ports, inputY: body / 2, badges };
}

function badgesOf(step: Step): Badge[] {
  const badges: Badge[] = [];
  if (step.enabled === false) badges.push({ icon: 'off', text: 'off' });
  if (step.retry !== undefined) badges.push({ icon: 'retry', text: String(step.retry.max_attempts ?? 3) });
  if (step.timeout !== undefined) badges.push({ icon: 'timeout', text: shortDuration(step.timeout) });
  if (step.run_when !== undefined) badges.push({ icon: 'condition', text: 'if' });
  if (step.skip_when !== undefined) badges.push({ icon: 'condition', text: 'unless' });
  if (step.on_error === 'continue') badges.push({ icon: 'continue', text: 'continue' });
  if (step.fallback_step != null) badges.push({ icon: 'fallback', text: step.fallback_step });
  return badges;
}

function shortDuration(value: number | string): string {
  return typeof value === 'number'
    ? `${value}s`
    : value.replace(/\s*(m)in(ute)?s?\b|\s*(s)ec(ond)?s?\b|\s*(h)ours?\b|\s*(d)ays?\b/g, '$1$3$5$6');
}

/** Text of the join badge, or null for the default rule, which is not drawn. */
export function joinLabel(step: Step): string | null {
  const edges = step.depends_on?.length ?? 0;
  if (step.join === 'any') return edges > 1 ? 'any' : null;
  if (step.join === 'quorum') return `${step.min_success ?? 1}/${edges}`;
  return null;
}

/** The one line under the name. A type that can't describe its config leaves it empty rather than break the canvas. */
export function describeStep(step: Step, type: StepDefinition | undefined): string {
  if (type === undefined) return `unknown type '${step.type}'`;
  try {
    return type.describe(isJsonObject(step.config) ? step.config : {});
  } catch {
    return '';
  }
}
