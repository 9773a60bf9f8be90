import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments, stringify } from 'yaml';
import { isJsonObject, type JsonObject } from '#lib/base/json.ts';
import type { Problem } from '#lib/base/problem.ts';
import { canonicalDefinition } from './canonical.ts';
import { type Definition, DraftDefinition } from './definition.ts';
import { jsonFaults } from './json-faults.ts';
import { upcast } from './read-definition.ts';
import { schemaProblems } from './schema-problems.ts';

/** A problem of a file, with the line it stands in where that is known. */
export interface FileProblem extends Problem {
  readonly line: number | null;
}

/** One workflow that a file holds. `definition` is null where it has problems; `value` is what was written, then too. */
export interface FileEntry {
  readonly value: unknown;
  readonly definition: Definition | null;
  readonly problems: readonly FileProblem[];
}

export type FileFormat = 'json' | 'yaml';

/** Larger files are refused before they are parsed: 10,000 steps take about 2 MB. */
export const MAX_FILE_LENGTH = 8_000_000;

/**
 * The text of a definition as a file: keys in the one canonical order and one value a line, so that git shows what changed
 * and nothing else. Texts that older YAML readers would take for a truth value or a number are quoted.
 */
export function writeDefinition(definition: Definition, format: FileFormat): string {
  const ordered = canonicalDefinition(definition);
  if (format === 'json') return `${JSON.stringify(ordered, null, 2)}\n`;
  return stringify(ordered, { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' });
}

/**
 * The workflows in the text of a JSON or YAML file: a definition, an answer of the API that holds one, a list of either,
 * or several YAML documents. Never throws: what can't be read is a problem with its line.
 */
export function readDefinitionFile(text: string): FileEntry[] {
  if (text.length > MAX_FILE_LENGTH) {
    return [unread('too_big', `This file has ${(text.length / 1e6).toFixed(1)} MB; at most ${MAX_FILE_LENGTH / 1e6} MB are read`)];
  }
  if (text.trim() === '') return [unread('empty', 'This file is empty')];
  const json = parseJson(text);
  // Lines are asked for only where something is wrong: a large file is then parsed once more.
  if (json === undefined) return readYaml(text);
  let placesOnce: ((path: readonly (string | number)[]) => number | null) | undefined;
  return entriesIn(json.value).map(({ value, path }) =>
    readEntry(value, (at) => {
      placesOnce ??= linesOf(text);
      return placesOnce([...path, ...at]);
    }),
  );
}

function readYaml(text: string): FileEntry[] {
  const lines = new LineCounter();
  try {
    const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
    return [...documents].flatMap((document) => {
      const [fault] = document.errors;
      if (fault !== undefined) return [unread('unreadable', `This can’t be read: ${fault.message}`, lines.linePos(fault.pos[0]).line)];
      const value: unknown = document.toJS();
      if (value === null && documents.length > 1) return [];
      return entriesIn(value).map((entry) => readEntry(entry.value, (at) => lineOf(document.contents, [...entry.path, ...at], lines)));
    });
  } catch (thrown) {
    // Nesting without end exhausts the parser’s stack, and aliases that multiply are refused by it.
    const reason = thrown instanceof RangeError ? 'it is nested too deep' : (thrown as Error).message;
    return [unread('unreadable', `This can’t be read: ${reason}`)];
  }
}

interface Found {
  readonly value: unknown;
  readonly path: readonly (string | number)[];
}

function entriesIn(value: unknown): Found[] {
  if (Array.isArray(value) && value.length > 0) return value.map((item: unknown, at) => unwrapped(item, [at]));
  return [unwrapped(value, [])];
}

function unwrapped(value: unknown, path: readonly (string | number)[]): Found {
  return isJsonObject(value) && isJsonObject(value.definition)
    ? { value: value.definition, path: [...path, 'definition'] }
    : { value, path };
}

function readEntry(value: unknown, lineAt: (path: readonly string[]) => number | null): FileEntry {
  const withLine = (problem: Problem): FileProblem => ({ ...problem, line: lineAt(pathOf(problem.path)) });
  if (!isJsonObject(value) || !Array.isArray((value as JsonObject).steps)) {
    const problem = { path: '', code: 'invalid_type', message: 'A workflow is an object with a name and a list of steps' };
    return { value, definition: null, problems: [withLine(problem)] };
  }
  const raised = upcast(value);
  const faults = jsonFaults(raised).problems;
  if (faults.length > 0) return { value, definition: null, problems: faults.map(withLine) };
  const parsed = DraftDefinition.safeParse(raised);
  if (parsed.success) return { value, definition: parsed.data, problems: [] };
  return { value, definition: null, problems: schemaProblems(parsed.error, raised, '', () => []).map(withLine) };
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function pathOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** JSON is YAML too, and the YAML parser knows where things stand. */
function linesOf(text: string): (path: readonly (string | number)[]) => number | null {
  const lines = new LineCounter();
  try {
    const [document] = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
    return (path) => (document === undefined ? null : lineOf(document.contents, path, lines));
  } catch {
    return () => null;
  }
}

/** The line of the deepest part of the path that is there. */
function lineOf(root: unknown, path: readonly (string | number)[], lines: LineCounter): number | null {
  let place = root;
  let start = isNode(root) ? root.range?.[0] : undefined;
  for (const token of path) {
    if (isMap(place)) {
      const pair = place.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(token));
      if (pair === undefined) break;
      if (isNode(pair.key)) start = pair.key.range?.[0] ?? start;
      place = pair.value;
    } else if (isSeq(place)) {
      place = place.items[Number(token)];
      if (isNode(place)) start = place.range?.[0] ?? start;
    } else break;
    if (isAlias(place)) break;
  }
  return start === undefined ? null : lines.linePos(start).line;
}

function unread(code: string, message: string, line: number | null = null): FileEntry {
  return { value: null, definition: null, problems: [{ path: '', code, message, line }] };
}
