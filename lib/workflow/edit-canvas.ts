import type { Definition, Group, Note } from './definition.ts';
import { type EditResult, refused, unknownStep } from './edit-edges.ts';
import { type Changes, withChanges } from './edit-workflow.ts';
import { stepIndex } from './upstream.ts';

/** Notes and groups: they live on the canvas alone and never change what a run does. */
export function addNote(definition: Definition, note: Note): EditResult {
  const notes = definition.notes ?? [];
  if (notes.some((known) => known.id === note.id)) return refused('duplicate_id', `There is already a note '${note.id}'`, '/notes');
  return { ok: true, definition: { ...definition, notes: [...notes, note] } };
}

export function updateNote(definition: Definition, id: string, changes: Changes<Omit<Note, 'id'>>): EditResult {
  const notes = definition.notes ?? [];
  const at = notes.findIndex((note) => note.id === id);
  const note = notes[at];
  if (note === undefined) return refused('unknown_note', `Note '${id}' doesn't exist`, '/notes');
  const { id: _, ...fields } = changes as Changes<Partial<Note>>;
  const next = withChanges(note, fields);
  return { ok: true, definition: next === note ? definition : { ...definition, notes: notes.with(at, next) } };
}

export function removeNotes(definition: Definition, ids: readonly string[]): EditResult {
  const notes = definition.notes ?? [];
  const kept = notes.filter((note) => !ids.includes(note.id));
  return { ok: true, definition: kept.length === notes.length ? definition : withNotes(definition, kept) };
}

function withNotes(definition: Definition, notes: Note[]): Definition {
  if (notes.length > 0) return { ...definition, notes };
  const { notes: _, ...rest } = definition;
  return rest;
}

export function addGroup(definition: Definition, group: Group): EditResult {
  const groups = definition.groups ?? [];
  if (groups.some((known) => known.id === group.id)) return refused('duplicate_id', `There is already a group '${group.id}'`, '/groups');
  const unknown = group.steps.find((id) => !stepIndex(definition).has(id));
  if (unknown !== undefined) return unknownStep(unknown);
  return { ok: true, definition: { ...definition, groups: [...groups, group] } };
}

export function updateGroup(definition: Definition, id: string, changes: Changes<Omit<Group, 'id'>>): EditResult {
  const groups = definition.groups ?? [];
  const at = groups.findIndex((group) => group.id === id);
  const group = groups[at];
  if (group === undefined) return refused('unknown_group', `Group '${id}' doesn't exist`, '/groups');
  const unknown = (changes.steps ?? []).find((step) => !stepIndex(definition).has(step));
  if (unknown !== undefined) return unknownStep(unknown);
  const { id: _, ...fields } = changes as Changes<Partial<Group>>;
  const next = withChanges(group, fields);
  return { ok: true, definition: next === group ? definition : { ...definition, groups: groups.with(at, next) } };
}

export function removeGroups(definition: Definition, ids: readonly string[]): EditResult {
  const groups = definition.groups ?? [];
  const kept = groups.filter((group) => !ids.includes(group.id));
  return { ok: true, definition: kept.length === groups.length ? definition : withGroups(definition, kept) };
}

/** A definition with other groups; an empty list is left out. */
export function withGroups(definition: Definition, groups: Group[]): Definition {
  if (groups.length > 0) return { ...definition, groups };
  const { groups: _, ...rest } = definition;
  return rest;
}
