import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** True for a sentence of the library's own, which speaks of inputs and types; false for one that a schema of ours gave. */
export function isDefaultText(message: string): boolean {
  return /^(Invalid |Too (small|big)|Unrecognized key)/.test(message);
}

/** What is wrong with a value, in words for people; a sentence that a schema gave itself is kept by the caller. */
export function wordsFor(issue: Issue, value: unknown, path: Path): string {
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return `'${String(path.at(-1) ?? '')}' is required`;
      return `Must be ${article(issue.expected)}, not ${kindOf(value)}`;
    case 'invalid_value':
      if (value === undefined) return `'${String(path.at(-1) ?? '')}' is required`;
      return `Must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((one) => `'${String(one)}'`).join(', ')}`;
    case 'too_small':
      return `Must ${issue.inclusive === false ? 'be more than' : amount(issue.origin, 'at least')} ${issue.minimum}${unit(issue.origin, Number(issue.minimum))}`;
    case 'too_big':
      return `Must ${issue.inclusive === false ? 'be less than' : amount(issue.origin, 'at most')} ${issue.maximum}${unit(issue.origin, Number(issue.maximum))}`;
    case 'invalid_format':
      if (issue.format === 'datetime') return 'Must be a date and time with its zone, such as 2027-01-01T00:00:00Z';
      if (issue.format === 'url') return 'Must be a URL such as https://api.example.com/users';
      return issue.format === 'regex' ? 'Has characters that are not allowed here' : `Must be a valid ${issue.format}`;
    case 'not_multiple_of':
      return `Must be a multiple of ${issue.divisor}`;
    default:
      return issue.message;
  }
}

function amount(origin: string, words: string): string {
  return origin === 'string' || origin === 'array' ? `have ${words}` : `be ${words}`;
}

function unit(origin: string, count: number): string {
  const word = origin === 'string' ? 'character' : origin === 'array' ? 'item' : null;
  return word === null ? '' : ` ${word}${count === 1 ? '' : 's'}`;
}

const ARTICLES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/** `a number`, `text`, … */
export function article(kind: string): string {
  return ARTICLES[kind] ?? `a ${kind}`;
}

/** What a value is, with its article. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return article(Array.isArray(value) ? 'array' : typeof value);
}
