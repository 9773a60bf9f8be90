import type { Problem } from '#lib/base/problem.ts';
import type { Definition } from './definition.ts';
import type { Edit } from './edit.ts';
import { EDGE_FIXES } from './fix-edges.ts';
import { REFERENCE_FIXES } from './fix-references.ts';
import { RULE_FIXES } from './fix-rules.ts';
import { type Fixer, keyOrIndex, type ProblemPlace, placeOfProblem, type QuickFix, valueWithin } from './problem-place.ts';
import { mintStepId } from './remint-ids.ts';
import type { StepCatalog } from './step-type.ts';

const FIXERS: Readonly<Record<string, Fixer>> = { ...EDGE_FIXES, ...RULE_FIXES, ...REFERENCE_FIXES };

/** What could mend a problem, the likeliest first; empty where only its author can know. */
export function quickFixes(problem: Problem, definition: Definition, catalog: StepCatalog): readonly QuickFix[] {
  const fixer = Object.hasOwn(FIXERS, problem.code) ? FIXERS[problem.code] : undefined;
  const place = fixer === undefined ? null : placeOfProblem(problem, definition, catalog);
  if (fixer === undefined || place === null) return [];
  const { way } = place;
  return fixer(place, problem).map(({ label, edit }) => ({ label, edit: way.length === 0 ? edit : { kind: 'in_body', path: way, edit } }));
}

/** A secret in plain text: what it is, a name for it, and the edit that puts its name in its place. */
export interface PlainSecret {
  readonly value: string;
  readonly name: string;
  readonly replace: (name: string) => Edit;
}

const SCHEME = /^(Bearer|Basic|Token)\s+(?=\S)/i;

/** The secret that a problem is about, to be moved among the workspace's secrets; null where it is of none. */
export function plainSecretOf(problem: Problem, definition: Definition, catalog: StepCatalog): PlainSecret | null {
  if (problem.code !== 'plain_secret') return null;
  const place = placeOfProblem(problem, definition, catalog);
  const text = place === null ? undefined : valueWithin(place.step, place.path);
  if (place === null || typeof text !== 'string') return null;
  // The word before a token says how it is sent and is no part of it.
  const scheme = SCHEME.exec(text)?.[0] ?? '';
  const { way, step, path } = place;
  const key = path.at(-1) === 'value' ? 'token' : (path.at(-1) ?? 'secret');
  return {
    value: text.slice(scheme.length).trim(),
    name: mintStepId(`${step.id} ${/^\d+$/.test(key) ? 'secret' : key}`, new Set()).toUpperCase(),
    replace(name) {
      const [first = '', ...rest] = path;
      const written = `${scheme}{{ secrets.${name} }}`;
      const edit: Edit =
        first === 'config'
          ? { kind: 'set_config_field', id: step.id, path: rest.map(keyOrIndex(step.config)), value: written }
          : { kind: 'update_step', id: step.id, changes: withinUndo(place, written) };
      return way.length === 0 ? edit : { kind: 'in_body', path: way, edit };
    },
  };
}

function withinUndo({ step, path }: ProblemPlace, written: string) {
  const undo = structuredClone(step.undo);
  let target: unknown = undo;
  for (const key of path.slice(1, -1)) target = (target as Record<string, unknown>)[key];
  (target as Record<string, unknown>)[path.at(-1) ?? ''] = written;
  return undo === undefined ? {} : { undo };
}
