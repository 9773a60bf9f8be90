import type { z } from 'zod';
import { isJsonObject, toPointer } from '#lib/base/json.ts';
import type { Problem } from '#lib/base/problem.ts';
import { article, isDefaultText, kindOf, wordsFor } from '#lib/base/zod-words.ts';
import { closestWord } from './closest-word.ts';
import { TEMPLATE_EXPECTED } from './step-type.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/**
 * zod's issues in words for people, with JSON Pointers. `prefix` is where the parsed value stands in the document;
 * `knownKeys` names the keys an object at a path may have, for "did you mean".
 */
export function schemaProblems(
  error: z.core.$ZodError,
  value: unknown,
  prefix = '',
  knownKeys: (path: Path) => readonly string[] = () => [],
): Problem[] {
  return error.issues.flatMap((issue) => problemsOf(issue, issue.path, value, prefix, knownKeys));
}

function problemsOf(issue: Issue, path: Path, root: unknown, prefix: string, knownKeys: (path: Path) => readonly string[]): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const meant = closestWord(key, knownKeys(path));
      const message = `Unknown key '${key}'${meant === null ? '' : `; did you mean '${meant}'?`}`;
      return { path: prefix + toPointer([...path, key]), code: 'unknown_key', message };
    });
  }
  if (issue.code === 'invalid_union') {
    const best = bestOption(issue.errors);
    if (best !== null) return best.flatMap((inner) => problemsOf(inner, [...path, ...inner.path], root, prefix, knownKeys));
    const own = isDefaultText(issue.message) ? null : issue.message;
    return [{ path: prefix + toPointer(path), ...textOf(issue.errors, valueAt(root, path), path, own) }];
  }
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    const inner = issue.issues[0];
    const text =
      inner === undefined ? 'Must be another' : isDefaultText(inner.message) ? wordsFor(inner, path.at(-1), path) : inner.message;
    return [
      {
        path: prefix + toPointer(path),
        code: 'invalid_key',
        message: text.replace(/^(Must|Has) /, (word) => `This key ${word.toLowerCase()}`),
      },
    ];
  }
  const value = valueAt(root, path);
  const missing = value === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
  const code = missing ? 'required' : issue.code === 'custom' ? 'invalid_value' : issue.code;
  const message = isDefaultText(issue.message) ? wordsFor(issue, value, path) : issue.message;
  return [{ path: prefix + toPointer(path), code, message }];
}

/** The option whose kind of value fits and that has the fewest faults; null where none fits. */
function bestOption(options: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const fitting = options.filter((issues) => issues.length > 0 && !issues.some((issue) => issue.path.length === 0 && isOtherKind(issue)));
  return fitting.reduce<readonly Issue[] | null>((best, issues) => (best === null || issues.length < best.length ? issues : best), null);
}

function isOtherKind(issue: Issue): boolean {
  if (issue.code === 'invalid_union') return bestOption(issue.errors) === null;
  return issue.code === 'invalid_type' || isTemplateOption(issue);
}

/** The "or an expression" half that `stepConfig` gives to config fields. */
function isTemplateOption(issue: Issue): boolean {
  return issue.message === TEMPLATE_EXPECTED;
}

function textOf(options: readonly (readonly Issue[])[], value: unknown, path: Path, own: string | null): { code: string; message: string } {
  if (value === undefined) return { code: 'required', message: `'${String(path.at(-1) ?? '')}' is required` };
  if (own !== null) return { code: 'invalid_value', message: own };
  const kinds = new Set(
    flatten(options).flatMap((issue) => (issue.code === 'invalid_type' && !isTemplateOption(issue) ? [article(issue.expected)] : [])),
  );
  const template = flatten(options).some(isTemplateOption);
  const words = [...kinds, ...(template ? ['an expression in {{ }}'] : [])];
  if (words.length === 0) return { code: 'invalid_value', message: 'Has none of the forms that are allowed here' };
  return { code: 'invalid_type', message: `Must be ${orList(words)}, not ${kindOf(value)}` };
}

/** `a`, `a or b`, `a, b or c`. */
function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function flatten(options: readonly (readonly Issue[])[]): readonly Issue[] {
  return options.flat().flatMap((issue) => (issue.code === 'invalid_union' ? flatten(issue.errors) : [issue]));
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)];
    else if (isJsonObject(value) && Object.hasOwn(value, String(key))) value = value[String(key)];
    else return undefined;
  }
  return value;
}
