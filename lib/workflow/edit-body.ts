import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Definition, Step } from './definition.ts';
import { type EditResult, refused, unknownStep, withStep } from './edit-edges.ts';
import { renameReferences } from './expression.ts';
import { bodySteps } from './graph.ts';
import { type StepBody, type StepCatalog, stepType } from './step-type.ts';
import { stepIndex } from './upstream.ts';

const made = new WeakMap<JsonObject, Definition>();

/** The steps inside a step as a definition, so that all that works on one works on them; null where it has none. */
export function bodyDefinition(step: Step, catalog: StepCatalog): Definition | null {
  const keys = stepType(catalog, step.type)?.body;
  if (keys === undefined) return null;
  const config = step.config ?? NOTHING;
  let definition = made.get(config);
  if (definition === undefined) {
    const output = config[keys.output];
    definition = { name: step.name ?? step.id, steps: bodySteps(config, keys), ...(typeof output === 'string' ? { output } : {}) };
    made.set(config, definition);
  }
  return definition;
}

const NOTHING: JsonObject = {};

/** The definition inside, along a way of loop ids; null where the way leads nowhere. */
export function bodyAt(definition: Definition, path: readonly string[], catalog: StepCatalog): Definition | null {
  let at: Definition | null = definition;
  for (const id of path) {
    const step: Step | undefined = at.steps[stepIndex(at).get(id) ?? -1];
    at = step === undefined ? null : bodyDefinition(step, catalog);
    if (at === null) return null;
  }
  return at;
}

/** The JSON Pointer of the config that holds the steps at the end of a way; `''` for the workflow itself. */
export function bodyPointer(definition: Definition, path: readonly string[], catalog: StepCatalog): string {
  return path.reduce((pointer, id, at) => {
    const around = bodyAt(definition, path.slice(0, at), catalog);
    return `${pointer}/steps/${around === null ? -1 : (stepIndex(around).get(id) ?? -1)}/config`;
  }, '');
}

/** Applies an edit to the steps inside a loop, and puts what comes of it back into the loop's config. */
export function editBody(
  definition: Definition,
  path: readonly string[],
  edit: (body: Definition) => EditResult,
  catalog: StepCatalog,
): EditResult {
  const [id, ...rest] = path;
  if (id === undefined) return edit(definition);
  const at = stepIndex(definition).get(id);
  const step = at === undefined ? undefined : definition.steps[at];
  if (at === undefined || step === undefined) return unknownStep(id);
  const keys = stepType(catalog, step.type)?.body;
  const body = bodyDefinition(step, catalog);
  if (keys === undefined || body === null) return refused('no_body', `Step '${id}' has no steps inside`, `/steps/${at}`, id);
  const result = editBody(body, rest, edit, catalog);
  if (!result.ok || result.definition === body) return result.ok ? { ok: true, definition } : result;
  if (result.definition.notes !== undefined || result.definition.groups !== undefined) {
    return refused('not_in_body', 'Notes and groups belong to the workflow, not into a loop', `/steps/${at}`, id);
  }
  return {
    ok: true,
    definition: withStep(definition, at, { ...step, config: withBody(step.config ?? {}, keys, body, result.definition) }),
  };
}

function withBody(config: JsonObject, keys: StepBody, before: Definition, after: Definition): JsonObject {
  const { [keys.output]: _, ...others } = config;
  const next: Record<string, Json> = { ...others, [keys.steps]: after.steps as unknown as Json };
  if (after.output !== undefined) next[keys.output] = after.output;
  const asked = config[keys.breakWhen];
  const renamed = renamedId(before, after);
  if (typeof asked === 'string' && renamed !== null) next[keys.breakWhen] = renameReferences(asked, renamed.from, renamed.to);
  return next;
}

/** The one step that stands at its place under another id; its loop's own expressions follow. */
function renamedId(before: Definition, after: Definition): { readonly from: string; readonly to: string } | null {
  if (before.steps.length !== after.steps.length) return null;
  const changed = before.steps.flatMap((step, at) => {
    const to = after.steps[at]?.id ?? step.id;
    return to === step.id || stepIndex(after).has(step.id) ? [] : [{ from: step.id, to }];
  });
  return changed.length === 1 ? (changed[0] ?? null) : null;
}
