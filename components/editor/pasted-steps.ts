import { isJsonObject } from '#lib/base/json.ts';
import { Step } from '#lib/workflow/definition.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { layoutSteps, type Positions } from '../graph/layout.ts';

/** Marks steps on the clipboard that were copied here. */
export const STEPS_MARK = 'weftline/steps';

/** What was on the clipboard: steps to be added, or why it is none. */
export type Pasted = { readonly steps: readonly Step[]; readonly isForeign: boolean } | { readonly refusal: string };

/**
 * Reads steps from a pasted text: those copied on a canvas, a whole definition, the answer of the API that holds one, a list
 * of steps, or a single step.
 */
export function readPasted(text: string): Pasted {
  const trimmed = text.trim();
  if (trimmed === '') return { refusal: 'There is no text on the clipboard.' };
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch (thrown) {
    const looksLikeJson = /^[[{]/.test(trimmed);
    return { refusal: looksLikeJson ? `The pasted JSON can’t be read: ${(thrown as Error).message}` : NO_STEPS };
  }
  const found = stepsIn(value);
  if (found === null) return { refusal: NO_STEPS };
  if (found.steps.length === 0) return { refusal: 'What was pasted has no steps.' };
  const read = Step.array().safeParse(found.steps);
  if (read.success) return { steps: read.data, isForeign: found.isForeign };
  const [issue] = read.error.issues;
  return { refusal: `The pasted steps can’t be used: ${placeOf(found.steps, issue?.path ?? [])}${issue?.message ?? 'they have faults'}` };
}

/** From the uppermost line of the lowest cards: their height and room to breathe. */
export const GAP_BELOW = 144;
const NO_STEPS = 'What was pasted is no workflow: paste the JSON of a definition, of a list of steps, or of one step.';

/** Steps of another canvas, laid out below what is on this one. */
export function placedBelow(steps: readonly Step[], positions: Positions, catalog: StepCatalog): Step[] {
  const inner = layoutSteps(steps, catalog);
  const here = [...positions.values()];
  const left = here.length === 0 ? 0 : Math.min(...here.map((place) => place.x));
  const top = here.length === 0 ? 0 : Math.max(...here.map((place) => place.y)) + GAP_BELOW;
  const highest = Math.min(0, ...[...inner.values()].map((place) => place.y));
  return steps.map((step) => {
    const place = inner.get(step.id) ?? { x: 0, y: 0 };
    return { ...step, position: { x: left + place.x, y: top + place.y - highest } };
  });
}

function stepsIn(value: unknown): { steps: readonly unknown[]; isForeign: boolean } | null {
  if (Array.isArray(value)) return { steps: value, isForeign: true };
  if (!isJsonObject(value)) return null;
  const marked: unknown = value[STEPS_MARK];
  if (Array.isArray(marked)) return { steps: marked, isForeign: false };
  const { steps, definition, id, type } = value as { readonly [key: string]: unknown };
  if (Array.isArray(steps)) return { steps, isForeign: true };
  if (isJsonObject(definition) && Array.isArray(definition.steps)) return { steps: definition.steps, isForeign: true };
  return typeof id === 'string' && typeof type === 'string' ? { steps: [value], isForeign: true } : null;
}

/** “Step fetch, config: ”, for the first fault of a list of steps. */
function placeOf(steps: readonly unknown[], [index, ...rest]: readonly PropertyKey[]): string {
  if (typeof index !== 'number') return '';
  const step = steps[index];
  const id = isJsonObject(step) && typeof step.id === 'string' ? step.id : `${index + 1}`;
  return `step ${id}${rest.length === 0 ? '' : `, ${rest.map(String).join('.')}`}: `;
}
