import { withoutBraces } from '#lib/workflow/expression.ts';
import type { ReadValue } from '#lib/workflow/read-values.ts';
import { list } from './list-words.ts';

/** Longer expressions are cut: their step has the whole one. */
const MAX_EXPRESSION = 160;

/** An expression with what it read: `steps.check.output.n > 2, where steps.check.output.n was 3`. */
export function conditionText(expression: string, read: readonly ReadValue[]): string {
  const source = expressionText(expression);
  if (read.length === 0) return source;
  return `${source}, where ${readText(read)}`;
}

/** What was read, in a row. */
export function readText(read: readonly ReadValue[]): string {
  return list(read.map((one) => `${one.path} was ${valueText(one)}`));
}

/** An expression on one line, without its braces. */
export function expressionText(expression: string): string {
  const source = withoutBraces(expression).source.replace(/\s+/g, ' ').trim();
  return source.length > MAX_EXPRESSION ? `${source.slice(0, MAX_EXPRESSION)}…` : source;
}

function valueText({ value, cut }: ReadValue): string {
  if (value === undefined) return 'without a value';
  if (cut === true) return typeof value === 'string' && /^an? (list|object) of \d+/.test(value) ? value : `${JSON.stringify(value)}…`;
  return JSON.stringify(value);
}
