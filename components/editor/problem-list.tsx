import type { KeyboardEvent } from 'react';
import { useState } from 'react';
import { MoveSecretDialog } from './move-secret-dialog.tsx';
import { ProblemRow } from './problem-row.tsx';
import type { FoundProblem } from './use-problems.ts';

const HEADS = { error: 'Must be mended before a version can be saved', warning: 'Worth a look' } as const;

/** What is wrong, the gravest first. Each problem leads to its place; arrow keys walk, and its fixes are beside it. */
export function ProblemList({ problems }: { readonly problems: readonly FoundProblem[] }) {
  const [secret, setSecret] = useState<FoundProblem | null>(null);
  if (problems.length === 0) return <p className="p-3 text-body text-text-3">No problems. This can be saved as a version.</p>;
  return (
    <div className="py-1">
      {(['error', 'warning'] as const).map((severity) => {
        const found = problems.filter((problem) => problem.severity === severity);
        if (found.length === 0) return null;
        return (
          <section key={severity} aria-label={severity === 'error' ? 'Errors' : 'Warnings'}>
            <h3 className="px-3 pt-2 pb-1 text-micro text-text-3">
              {severity === 'error' ? 'Errors' : 'Warnings'} · {found.length} · {HEADS[severity]}
            </h3>
            <ul onKeyDown={walkRows}>
              {found.map((problem) => (
                <ProblemRow
                  key={`${problem.path} ${problem.code} ${problem.message}`}
                  problem={problem}
                  onMoveSecret={() => setSecret(problem)}
                />
              ))}
            </ul>
          </section>
        );
      })}
      {secret !== null && <MoveSecretDialog problem={secret} onClose={() => setSecret(null)} />}
    </div>
  );
}

/** Up and down from row to row; Tab goes through a row's fixes. */
function walkRows(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const rows = [...document.querySelectorAll<HTMLElement>('[data-problem]')];
  const row = (event.target as HTMLElement).closest('li')?.querySelector<HTMLElement>('[data-problem]');
  const next = row === null || row === undefined ? undefined : rows[rows.indexOf(row) + (event.key === 'ArrowDown' ? 1 : -1)];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
