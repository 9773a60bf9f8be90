import type { Json, JsonObject } from '#lib/base/json.ts';
import { jsonEqual } from '#lib/base/json.ts';
import type { Definition, Group, Note, Position, Step } from './definition.ts';
import { editBody } from './edit-body.ts';
import { addGroup, addNote, removeGroups, removeNotes, updateGroup, updateNote } from './edit-canvas.ts';
import { connect, disconnect, type EdgeRef, type EditResult } from './edit-edges.ts';
import { addStep, moveSteps, setConfig, setConfigField, updateStep } from './edit-steps.ts';
import { type Changes, updateWorkflow } from './edit-workflow.ts';
import { duplicateSteps, pasteSteps } from './remint-ids.ts';
import { removeSteps } from './remove-steps.ts';
import { renameStep } from './rename-step.ts';
import { NO_TYPES } from './step-references.ts';
import type { StepCatalog } from './step-type.ts';

/**
 * Everything that can be done to a definition, as a value: it can be logged, sent, replayed and tested. The editor knows
 * no other way to change the document.
 */
export type Edit =
  /** `on_edge` puts the step between two others: it takes over the edge, and leaves on `out_branch` (default: none). */
  | { readonly kind: 'add_step'; readonly step: Step; readonly on_edge?: EdgeRef; readonly out_branch?: string; readonly index?: number }
  /** With `reconnect`, what followed a removed step then follows what came before it. */
  | { readonly kind: 'remove_steps'; readonly ids: readonly string[]; readonly reconnect?: boolean }
  | { readonly kind: 'update_step'; readonly id: string; readonly changes: Changes<Omit<Step, 'id'>> }
  | { readonly kind: 'set_config'; readonly id: string; readonly config: JsonObject }
  /** An absent `value` removes the field; a missing object on the way is made. */
  | { readonly kind: 'set_config_field'; readonly id: string; readonly path: readonly (string | number)[]; readonly value?: Json }
  /** Every reference follows: edges, sources, fallback, output, policy, groups, and `steps.<id>` inside expressions. */
  | { readonly kind: 'rename_step'; readonly id: string; readonly to: string }
  | { readonly kind: 'move_steps'; readonly positions: readonly { readonly id: string; readonly position: Position }[] }
  | { readonly kind: 'connect'; readonly edge: EdgeRef }
  | { readonly kind: 'disconnect'; readonly edges: readonly EdgeRef[] }
  /** Drags one edge to other ends or to another branch. */
  | { readonly kind: 'reconnect'; readonly edge: EdgeRef; readonly to: EdgeRef }
  | { readonly kind: 'update_workflow'; readonly changes: Changes<Omit<Definition, 'steps' | 'notes' | 'groups'>> }
  | { readonly kind: 'add_note'; readonly note: Note }
  | { readonly kind: 'update_note'; readonly id: string; readonly changes: Changes<Omit<Note, 'id'>> }
  | { readonly kind: 'remove_notes'; readonly ids: readonly string[] }
  | { readonly kind: 'add_group'; readonly group: Group }
  | { readonly kind: 'update_group'; readonly id: string; readonly changes: Changes<Omit<Group, 'id'>> }
  | { readonly kind: 'remove_groups'; readonly ids: readonly string[] }
  /** Adds copies under fresh ids; only edges among the pasted steps are kept. */
  | { readonly kind: 'paste'; readonly steps: readonly Step[]; readonly offset?: Position }
  /** Adds copies under fresh ids beside the originals; edges that come from other steps are kept. */
  | { readonly kind: 'duplicate'; readonly ids: readonly string[]; readonly offset?: Position }
  | { readonly kind: 'replace'; readonly definition: Definition }
  /** An edit of the steps inside a loop; `path` is the way to it, by the ids of the loops from the outermost. */
  | { readonly kind: 'in_body'; readonly path: readonly string[]; readonly edit: Edit }
  /** All or nothing, in order. */
  | { readonly kind: 'batch'; readonly edits: readonly Edit[] };

/**
 * The definition after an edit. An edit that changes nothing gives back the same object, and steps that an edit leaves
 * alone keep their identity, so that the editor may memoise by step. It works on drafts (which may have no steps and
 * any faults that the validator reports); it refuses only what would make the document ambiguous: an unknown or
 * duplicate id, an edge to itself, a cycle.
 *
 * With `catalog`, `rename_step` also rewrites config fields that are always an expression and leaves raw ones alone.
 */
export function applyEdit(definition: Definition, edit: Edit, catalog: StepCatalog = NO_TYPES): EditResult {
  switch (edit.kind) {
    case 'add_step':
      return addStep(definition, edit.step, edit);
    case 'remove_steps':
      return removeSteps(definition, edit.ids, edit.reconnect ?? false);
    case 'update_step':
      return updateStep(definition, edit.id, edit.changes);
    case 'set_config':
      return setConfig(definition, edit.id, edit.config);
    case 'set_config_field':
      return setConfigField(definition, edit.id, edit.path, edit.value);
    case 'rename_step':
      return renameStep(definition, edit.id, edit.to, catalog);
    case 'move_steps':
      return moveSteps(definition, edit.positions);
    case 'connect':
      return connect(definition, edit.edge);
    case 'disconnect':
      return disconnect(definition, edit.edges);
    case 'reconnect':
      return applyAll(
        definition,
        [
          { kind: 'disconnect', edges: [edit.edge] },
          { kind: 'connect', edge: edit.to },
        ],
        catalog,
      );
    case 'update_workflow':
      return updateWorkflow(definition, edit.changes);
    case 'add_note':
      return addNote(definition, edit.note);
    case 'update_note':
      return updateNote(definition, edit.id, edit.changes);
    case 'remove_notes':
      return removeNotes(definition, edit.ids);
    case 'add_group':
      return addGroup(definition, edit.group);
    case 'update_group':
      return updateGroup(definition, edit.id, edit.changes);
    case 'remove_groups':
      return removeGroups(definition, edit.ids);
    case 'paste':
      return pasteSteps(definition, edit.steps, edit.offset ?? { x: 0, y: 0 }, catalog);
    case 'duplicate':
      return duplicateSteps(definition, edit.ids, edit.offset ?? { x: 40, y: 40 }, catalog);
    case 'replace':
      return { ok: true, definition: jsonEqual(definition, edit.definition) ? definition : edit.definition };
    case 'in_body':
      return editBody(definition, edit.path, (body) => applyEdit(body, edit.edit, catalog), catalog);
    case 'batch':
      return applyAll(definition, edit.edits, catalog);
  }
}

function applyAll(definition: Definition, edits: readonly Edit[], catalog: StepCatalog): EditResult {
  let current = definition;
  for (const edit of edits) {
    const result = applyEdit(current, edit, catalog);
    if (!result.ok) return result;
    current = result.definition;
  }
  // Edits that undo one another must not look like a change: the history would gain an empty step.
  return { ok: true, definition: current !== definition && jsonEqual(current, definition) ? definition : current };
}
