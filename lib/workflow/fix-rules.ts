import { isJsonObject, type JsonObject } from '#lib/base/json.ts';
import { closestWord } from './closest-word.ts';
import type { Step } from './definition.ts';
import type { Edit } from './edit.ts';
import type { Changes } from './edit-workflow.ts';
import { connectFix } from './fix-edges.ts';
import { dependencyStep } from './graph.ts';
import { type Fixer, keyOrIndex, type ProblemPlace, type QuickFix, valueWithin } from './problem-place.ts';
import { stepIndex } from './upstream.ts';

/** What is written for a step that waits for people or events and had no limit. */
const WAIT_LIMIT = '1 day';

/** Mends rules of a step that contradict each other or its connections. */
export const RULE_FIXES: Readonly<Record<string, Fixer>> = {
  unreachable: (place) => [...turnOn(place), ...startWithAny(place)],
  join_never_met: (place) => startWithAny(place),
  no_timeout: (place) => [change(place, `Add a timeout of ${WAIT_LIMIT}`, { timeout: WAIT_LIMIT })],
  timeout_zero: (place) => [change(place, 'Remove the timeout', { timeout: null })],
  min_success_required: (place) => [change(place, 'Need 1 of them', { min_success: 1 }), ...startWithAny(place)],
  min_success_range(place) {
    const count = place.step.depends_on?.length ?? 0;
    if (count === 0) return [change(place, 'Remove the start rule', { join: null, min_success: null, cancel_rest: null })];
    return [change(place, `Need all ${count}`, { min_success: count })];
  },
  min_success_unused: (place) => [change(place, 'Remove the number', { min_success: null })],
  cancel_rest_unused: (place) => [change(place, 'Remove it', { cancel_rest: null }), ...startWithAny(place)],
  allow_failed_unused: (place) => [change(place, 'Remove it', { allow_failed_deps: null })],
  fallback_required: (place) => [change(place, 'Fail instead', { on_error: null })],
  fallback_self: (place) => [change(place, 'Remove the fallback', { fallback_step: null, on_error: null })],
  unknown_fallback: (place) => [change(place, 'Remove the fallback', { fallback_step: null, on_error: null })],
  fallback_unused: (place) => [
    change(place, 'Use the fallback', { on_error: 'fallback' }),
    change(place, 'Remove the fallback', { fallback_step: null }),
  ],
  fallback_with_dependencies: (place) => [change(place, 'Remove its connections', { depends_on: null })],
  args_from_not_dependency(place) {
    const name = place.path[1] ?? '';
    const source = place.step.args_from?.[name];
    const others = Object.fromEntries(Object.entries(place.step.args_from ?? {}).filter(([key]) => key !== name));
    return [
      ...(source === undefined ? [] : connectFix(place, source)),
      change(place, `Remove argument ${name}`, { args_from: Object.keys(others).length === 0 ? null : others }),
    ];
  },
  args_from_clash(place) {
    const name = place.path[1] ?? '';
    return [{ label: `Remove the fixed ${name}`, edit: { kind: 'set_config_field', id: place.step.id, path: ['args', name] } }];
  },
  context_not_dependency(place) {
    const source = place.step.context_from?.[Number(place.path[1])];
    const others = (place.step.context_from ?? []).filter((id) => id !== source);
    return [
      ...(source === undefined ? [] : connectFix(place, source)),
      change(place, 'Remove it from the context', { context_from: others.length === 0 ? null : others }),
    ];
  },
  unknown_type({ step, catalog, path }) {
    if (path[0] !== 'type') return [];
    const meant = closestWord(step.type, Object.keys(catalog));
    return meant === null ? [] : [{ label: `Make it ${meant}`, edit: { kind: 'update_step', id: step.id, changes: { type: meant } } }];
  },
  unknown_key(place, problem) {
    const { step, path } = place;
    if (path[0] !== 'config') return [];
    const inside = path.slice(1).map(keyOrIndex(step.config));
    const meant = /did you mean '([^']+)'/.exec(problem.message)?.[1];
    const value = valueWithin(step, path);
    const around = valueWithin(step, path.slice(0, -1));
    const remove: Edit = { kind: 'set_config_field', id: step.id, path: inside };
    const renames: QuickFix[] =
      meant === undefined || (isJsonObject(around) && Object.hasOwn(around, meant))
        ? []
        : [
            {
              label: `Rename to ${meant}`,
              edit: {
                kind: 'set_config_field',
                id: step.id,
                path: inside.slice(0, -1),
                value: renamedKey(around, path.at(-1) ?? '', meant),
              },
            },
          ];
    return value === undefined ? [] : [...renames, { label: `Remove ${path.at(-1)}`, edit: remove }];
  },
};

function renamedKey(object: unknown, from: string, to: string): JsonObject {
  if (!isJsonObject(object)) return {};
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key === from ? to : key, value]));
}

function change({ step }: ProblemPlace, label: string, changes: Changes<Omit<Step, 'id'>>): QuickFix {
  return { label, edit: { kind: 'update_step', id: step.id, changes } };
}

function startWithAny(place: ProblemPlace): QuickFix[] {
  const { step } = place;
  if (step.join === 'any' || (step.depends_on?.length ?? 0) < 2) return [];
  return [change(place, 'Start when any of them is done', { join: 'any', min_success: null, allow_failed_deps: null })];
}

function turnOn({ step, around }: ProblemPlace): QuickFix[] {
  return (step.depends_on ?? []).flatMap((one): QuickFix[] => {
    const source = around.steps[stepIndex(around).get(dependencyStep(one)) ?? -1];
    if (source?.enabled !== false) return [];
    return [{ label: `Turn on ${source.id}`, edit: { kind: 'update_step', id: source.id, changes: { enabled: null } } }];
  });
}
