'use client';

import { Button } from '#components/ui/button.tsx';
import { cn } from '#components/ui/cn.ts';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import type { VersionRow } from '#lib/contracts/versions.ts';

interface VersionListProps {
  readonly versions: readonly VersionRow[];
  /** Numbers of the compared pair. */
  readonly before: number;
  readonly after: number;
  readonly onCompare: (pair: { before: number; after: number }) => void;
  readonly onRollBack: (version: number) => void;
}

/** History, newest first. A press compares that version with the one before it; A and B mark the compared pair. */
export function VersionList({ versions, before, after, onCompare, onRollBack }: VersionListProps) {
  const newest = versions[0]?.version;
  return (
    <ol className="flex flex-col" aria-label="Versions">
      {versions.map((row) => (
        <li
          key={row.version}
          className={cn(
            'group relative border-line-1 border-b px-4 py-2.5 hover:bg-hover max-md:py-2',
            row.version === after && 'bg-active',
          )}
        >
          <button
            type="button"
            className="flex w-full flex-col gap-0.5 text-left focus-inset"
            aria-current={row.version === after ? 'true' : undefined}
            onClick={() => onCompare({ before: Math.max(1, row.version - 1), after: row.version })}
          >
            <span className="flex items-center gap-2">
              <span className="font-mono text-code text-text-2">v{row.version}</span>
              <span className="min-w-0 flex-1 truncate font-medium text-body">{row.change_summary}</span>
              <Mark shown={row.version === before} letter="A" />
              <Mark shown={row.version === after} letter="B" />
            </span>
            <span className="flex items-center gap-2 text-small text-text-3">
              <span className="min-w-0 truncate">{row.author}</span>
              <RelativeTime iso={row.created_at} className="shrink-0" />
              <Counts row={row} />
            </span>
          </button>
          <span className="mt-1.5 flex gap-1.5">
            {row.version === after ? null : (
              <Button
                size="row"
                variant="ghost"
                onClick={() => onCompare({ before: row.version, after })}
                aria-label={`Compare with v${after}: v${row.version}`}
              >
                Compare with v{after}
              </Button>
            )}
            {row.version === newest ? null : (
              <Button size="row" variant="ghost" onClick={() => onRollBack(row.version)} aria-label={`Roll back to v${row.version}`}>
                Roll back
              </Button>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Mark({ shown, letter }: { shown: boolean; letter: string }) {
  if (!shown) return null;
  return (
    <span
      className="flex size-4 shrink-0 items-center justify-center rounded-chip bg-text-1 font-medium text-bg-1 text-micro"
      title={letter === 'A' ? 'Before' : 'After'}
    >
      {letter}
    </span>
  );
}

function Counts({ row }: { row: VersionRow }) {
  const parts = [
    { sign: '+', count: row.added, color: 'text-diff-added', word: 'added' },
    { sign: '~', count: row.changed, color: 'text-diff-changed', word: 'changed' },
    { sign: '−', count: row.removed, color: 'text-diff-removed', word: 'removed' },
  ].filter((part) => part.count > 0);
  return (
    <span className="ml-auto flex shrink-0 gap-1.5 font-mono text-code-small">
      {parts.map((part) => (
        <span key={part.sign} className={part.color} title={`${part.count} ${part.word}`}>
          {part.sign}
          {part.count}
        </span>
      ))}
    </span>
  );
}
