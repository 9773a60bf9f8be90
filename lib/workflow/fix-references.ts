import type { Json } from '#lib/base/json.ts';
import { closestWord } from './closest-word.ts';
import type { Edit } from './edit.ts';
import { nameInExpression, referencesOf, renameReferences } from './expression.ts';
import { connectFix } from './fix-edges.ts';
import { type Fixer, keyOrIndex, type ProblemPlace, type QuickFix, valueWithin } from './problem-place.ts';
import { expressionsOf } from './step-references.ts';
import { stepType } from './step-type.ts';
import { renameInTemplate, splitTemplate, templateOptionsOf } from './template.ts';
import { upstreamOf } from './upstream.ts';

/** Mends expressions that read what is not there. */
export const REFERENCE_FIXES: Readonly<Record<string, Fixer>> = {
  reference_not_upstream(place, problem) {
    return readAt(place, problem.message).flatMap((source) => connectFix(place, source));
  },
  reference_not_in_context(place, problem) {
    const { step } = place;
    return readAt(place, problem.message).map((source) => ({
      label: `Add ${source} to the context`,
      edit: { kind: 'update_step', id: step.id, changes: { context_from: [...(step.context_from ?? []), source] } },
    }));
  },
  unknown_reference(place, problem) {
    return readAt(place, problem.message).flatMap((dead) => [...meantStep(place, dead), ...withoutReference(place, dead)]);
  },
  needs_backticks(place) {
    const text = textOf(place);
    const odd = place.around.steps.map((step) => step.id).filter((id) => nameInExpression(id) !== id && text?.includes(`steps.${id}`));
    return odd.flatMap((id) =>
      written(place, `Write ${nameInExpression(id)}`, text?.replaceAll(`steps.${id}`, `steps.${nameInExpression(id)}`)),
    );
  },
  unknown_step_field(place, problem) {
    const [, source, field] = /steps\.(\S+?)\.output\.(\w+)\?/.exec(problem.message) ?? [];
    if (source === undefined || field === undefined) return [];
    const read = `steps.${nameInExpression(source)}`;
    return written(place, `Read output.${field}`, textOf(place)?.replaceAll(`${read}.${field}`, `${read}.output.${field}`));
  },
};

/** The steps that the expressions at the problem's place read and that its text names. */
function readAt({ step, path, catalog }: ProblemPlace, message: string): string[] {
  const pointer = path.join('/');
  const read = expressionsOf(step, catalog).references.filter(
    (one) => one.pointer.slice(1).replaceAll('~1', '/').replaceAll('~0', '~') === pointer,
  );
  return [...new Set(read.flatMap((one) => (one.step !== null && message.includes(`'${one.step}'`) ? [one.step] : [])))].filter(
    (id) => id !== step.id,
  );
}

function meantStep(place: ProblemPlace, dead: string): QuickFix[] {
  const upstream = upstreamOf(place.around).idsOf(place.step.id);
  const meant = closestWord(dead, upstream) ?? (upstream.length === 1 ? (upstream[0] ?? null) : null);
  if (meant === null) return [];
  const text = textOf(place);
  if (text === undefined) return [];
  const isCondition = place.path[0] !== 'config';
  const next = isCondition ? renameReferences(text, dead, meant) : renamedAt(place, dead, meant);
  return written(place, `Read ${meant} instead`, next);
}

/** Renamed within the whole config, because there it is known which fields are expressions without braces. */
function renamedAt({ step, path, catalog }: ProblemPlace, dead: string, meant: string): string | undefined {
  const config = renameInTemplate(step.config ?? {}, dead, meant, templateOptionsOf(stepType(catalog, step.type)));
  const value = valueWithin({ ...step, config }, path);
  return typeof value === 'string' ? value : undefined;
}

/** Takes out the braces that read the dead step; an expression without text around it goes altogether. */
function withoutReference(place: ProblemPlace, dead: string): QuickFix[] {
  const text = textOf(place);
  if (text === undefined) return [];
  const isRead = (source: string) => referencesOf(source).references.some((one) => one.root === 'steps' && one.step === dead);
  const { parts } = splitTemplate(text);
  const kept = parts.map((part) => (part.kind === 'expression' && isRead(part.source) ? '' : text.slice(part.start, part.end))).join('');
  const rest = parts.some(({ kind }) => kind === 'expression') ? kept : '';
  if (rest === text) return [];
  return written(place, 'Remove the dead reference', rest.trim() === '' ? null : rest);
}

function textOf({ step, path }: ProblemPlace): string | undefined {
  const value = valueWithin(step, path);
  return typeof value === 'string' ? value : undefined;
}

/** Writes another text at the problem's place; null removes it. Nothing where the text would stay as it is. */
function written(place: ProblemPlace, label: string, text: string | null | undefined): QuickFix[] {
  if (text === undefined || text === textOf(place)) return [];
  const { step, path } = place;
  const [first, ...rest] = path;
  if (first === 'run_when' || first === 'skip_when')
    return [{ label, edit: { kind: 'update_step', id: step.id, changes: { [first]: text } } }];
  if (first !== 'config') return [];
  const value: { value?: Json } = text === null ? {} : { value: text };
  const edit: Edit = { kind: 'set_config_field', id: step.id, path: rest.map(keyOrIndex(step.config)), ...value };
  return [{ label, edit }];
}
