import { AppError } from '#lib/base/errors.ts';
import type { Problem } from '#lib/base/problem.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { fallbackOf, upstreamOf } from '#lib/workflow/upstream.ts';
import { validateDefinition } from '#lib/workflow/validate.ts';

/**
 * What a test of the draft executes: the draft, or where other parts of it are not finished yet, the step and all that is
 * before it. Throws `validation_error` naming the problem that stands in the way.
 */
export function trialDefinition(draft: Definition, target: string | null): Definition {
  const whole = validateDefinition(draft, stepCatalog);
  if (whole.definition !== null) return whole.definition;
  if (target === null) throw refusal(whole.errors);
  if (!draft.steps.some((step) => step.id === target)) throw new AppError('not_found', `The draft has no step '${target}'.`);
  const part = validateDefinition(partBefore(draft, target), stepCatalog);
  if (part.definition !== null) return part.definition;
  // Problems are told where they are in the draft, not in the part.
  const mine = whole.errors.filter((one) => part.errors.some((other) => other.step === one.step && other.code === one.code));
  throw refusal(mine.length > 0 ? mine : part.errors);
}

function partBefore(draft: Definition, target: string): Definition {
  const upstream = upstreamOf(draft);
  const needed = new Set<string>();
  const open = [target];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const step = draft.steps.find((one) => one.id === id);
    if (step === undefined || needed.has(id)) continue;
    needed.add(id);
    open.push(...upstream.idsOf(id));
    const fallback = fallbackOf(step);
    if (fallback !== null) open.push(fallback);
  }
  const { output: _output, success_policy: _policy, notes: _notes, groups: _groups, ...rest } = draft;
  return { ...rest, steps: draft.steps.filter((step) => needed.has(step.id)) };
}

function refusal(errors: readonly Problem[]): AppError {
  const [first] = errors;
  const where = first?.step === undefined || first.message.includes(`'${first.step}'`) ? '' : `Step '${first.step}': `;
  const more = errors.length > 1 ? ` ${errors.length - 1} more ${errors.length === 2 ? 'problem is' : 'problems are'} in the way too.` : '';
  const message = `The test can't start. ${where}${(first?.message ?? 'The draft is not readable').replace(/\.$/, '')}.${more}`;
  return new AppError('validation_error', message, { details: errors });
}
