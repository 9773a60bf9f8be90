import type { z } from 'zod';
import { toPointer } from '#lib/base/json.ts';
import type { Problem } from '#lib/base/problem.ts';
import { article, isDefaultText, wordsFor } from '#lib/base/zod-words.ts';

type Issue = z.core.$ZodIssue;

/**
 * Findings of a zod check as problems. Each unknown key gets its own path; of a failed union the branch is taken that
 * got furthest into the value, because that is the one its author meant. `at` is the path of the checked value.
 */
export function zodProblems(issues: readonly Issue[], at: readonly (string | number)[] = []): Problem[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...(issue.path as (string | number)[])];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: toPointer([...path, key]), code: 'unknown_key', message: `Unknown key '${key}'` }));
    }
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const deepest = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0] ?? [];
      if (depth(deepest) > 0) return zodProblems(deepest, path as (string | number)[]);
      const messages = [...new Set(issue.errors.map((branch) => branch[0]?.message).filter((text) => text !== undefined))];
      return [{ path: toPointer(path), code: 'invalid_union', message: messages.join('; or: ') || issue.message }];
    }
    return [{ path: toPointer(path), code: issue.code, message: plainWords(issue, path) }];
  });
}

/** The issue carries no value; what was there stands in the library's own sentence alone. */
function plainWords(issue: Issue, path: readonly PropertyKey[]): string {
  if (!isDefaultText(issue.message)) return issue.message;
  if (issue.code !== 'invalid_type') return wordsFor(issue, '', path);
  const received = /received (\w+)$/.exec(issue.message)?.[1];
  if (received === undefined || received === 'undefined') return `'${String(path.at(-1) ?? '')}' is required`;
  return `Must be ${article(issue.expected)}, not ${received === 'null' ? 'null' : article(received)}`;
}

function depth(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}
