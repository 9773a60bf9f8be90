import type { Definition, Group, Note, Position, Step } from '#lib/workflow/definition.ts';
import type { Edit } from '#lib/workflow/edit.ts';
import { mintStepId, remintIds } from '#lib/workflow/remint-ids.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import type { Positions } from '../graph/layout.ts';
import { GAP_BELOW, placedBelow } from './pasted-steps.ts';

/** Where definitions from files go. */
export interface ImportPlace {
  readonly shown: Definition;
  /** A loop is open: only steps can go into it. */
  readonly inBody: boolean;
  readonly positions: Positions;
  readonly catalog: StepCatalog;
  /** Ids that a new step must not have, those on the canvas and elsewhere in the workflow. */
  readonly taken: ReadonlySet<string>;
}

/**
 * One edit that takes in definitions: into an empty workflow the first becomes the workflow itself; the steps of the others
 * come below what is there, under fresh ids. Null where there is nothing to add.
 */
export function importEdit(definitions: readonly Definition[], place: ImportPlace): Edit | null {
  const [first, ...rest] = definitions;
  if (first === undefined) return null;
  const becomes = !place.inBody && place.shown.steps.length === 0;
  const edits: Edit[] = becomes ? [{ kind: 'replace', definition: first }] : [];
  let positions = becomes ? placesOf(first, place.catalog) : place.positions;
  const taken = new Set(becomes ? first.steps.map(({ id }) => id) : place.taken);
  const canvas = becomes ? first : place.shown;
  const onCanvas = new Set([...(canvas.notes ?? []), ...(canvas.groups ?? [])].map(({ id }) => id));
  for (const definition of becomes ? rest : definitions) {
    const { steps, notes, groups } = fresh(below(definition, positions, place.catalog), taken, onCanvas, place.catalog);
    if (steps.length > 0) edits.push({ kind: 'paste', steps });
    if (!place.inBody) edits.push(...notes.map((note): Edit => ({ kind: 'add_note', note })));
    if (!place.inBody) edits.push(...groups.map((group): Edit => ({ kind: 'add_group', group })));
    for (const { id } of steps) taken.add(id);
    for (const { id } of [...notes, ...groups]) onCanvas.add(id);
    positions = new Map([...positions, ...steps.flatMap(({ id, position }) => (position ? [[id, position] as const] : []))]);
  }
  return edits.length === 0 ? null : { kind: 'batch', edits };
}

/** What a file says of the whole workflow, and a workflow that has steps keeps for itself. */
export function leftOut({ input_schema, output, on_error, success_policy, timeout, concurrency, limits }: Definition): string[] {
  const said = {
    'input schema': input_schema,
    output,
    'rule for failures': on_error,
    'success policy': success_policy,
    timeout,
    concurrency,
    limits,
  };
  return Object.entries(said).flatMap(([word, value]) => (value === undefined ? [] : [word]));
}

interface Drawn {
  readonly steps: readonly Step[];
  readonly notes: readonly Note[];
  readonly groups: readonly Group[];
}

/** The drawing as it is in the file, moved below what is there; steps without places are laid out. */
function below({ steps, notes = [], groups = [] }: Definition, positions: Positions, catalog: StepCatalog): Drawn {
  const here = [...positions.values()];
  const left = here.length === 0 ? 0 : Math.min(...here.map(({ x }) => x));
  const top = here.length === 0 ? 0 : Math.max(...here.map(({ y }) => y)) + GAP_BELOW;
  const places = [...steps, ...notes].flatMap(({ position }) => (position ? [position] : []));
  const drawn = steps.every(({ position }) => position !== undefined);
  const from: Position =
    drawn && places.length > 0 ? { x: Math.min(...places.map(({ x }) => x)), y: Math.min(...places.map(({ y }) => y)) } : { x: 0, y: 0 };
  const moved = ({ x, y }: Position): Position => ({ x: x - from.x + left, y: y - from.y + top });
  return {
    steps: drawn
      ? steps.map((step) => (step.position ? { ...step, position: moved(step.position) } : step))
      : placedBelow(steps, positions, catalog),
    notes: notes.map((note) => ({ ...note, position: moved(note.position) })),
    groups,
  };
}

function fresh({ steps, notes, groups }: Drawn, taken: ReadonlySet<string>, onCanvas: ReadonlySet<string>, catalog: StepCatalog): Drawn {
  const copies = remintIds(steps, taken, { keepOutside: () => false, offset: { x: 0, y: 0 } }, catalog);
  const used = new Set(onCanvas);
  const mint = (id: string) => {
    const minted = used.has(id) ? mintStepId(id, used) : id;
    used.add(minted);
    return minted;
  };
  return {
    steps: copies.steps,
    notes: notes.map((note) => ({ ...note, id: mint(note.id) })),
    groups: groups.map((group) => ({
      ...group,
      id: mint(group.id),
      steps: group.steps.flatMap((id) => copies.ids.get(id) ?? []),
    })),
  };
}

function placesOf(definition: Definition, catalog: StepCatalog): Positions {
  return new Map(
    placedBelow(definition.steps, new Map(), catalog).map(({ id, position }, at) => [
      id,
      definition.steps[at]?.position ?? position ?? { x: 0, y: 0 },
    ]),
  );
}
