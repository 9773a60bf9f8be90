import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { FileProblem } from '#lib/workflow/definition-file.ts';

/** What became of one workflow of a file. */
export interface FileOutcome {
  readonly key: string;
  readonly file: string;
  /** `partly`: it came in and has to be looked at. */
  readonly result: 'done' | 'partly' | 'refused';
  readonly sentence: ReactNode;
  readonly problems: readonly Pick<FileProblem, 'line' | 'path' | 'message'>[];
}

const LOOK = {
  done: { Icon: CircleCheck, color: 'text-status-completed', word: 'Imported' },
  partly: { Icon: TriangleAlert, color: 'text-status-paused', word: 'To review' },
  refused: { Icon: CircleAlert, color: 'text-status-failed', word: 'Not imported' },
} as const;
/** A file may have thousands of faults; the first ones say what is wrong with it. */
const MOST_SHOWN = 200;

/** Says of each workflow of the files what became of it, and why. */
export function FileReport({ outcomes }: { readonly outcomes: readonly FileOutcome[] }) {
  return (
    <ul aria-label="Files" className="flex flex-col gap-3">
      {outcomes.map(({ key, file, result, sentence, problems }) => {
        const { Icon, color, word } = LOOK[result];
        return (
          <li key={key} className="flex gap-2">
            <Icon className={`mt-0.5 size-4 shrink-0 ${color}`} role="img" aria-label={word} />
            <div className="min-w-0 flex-1">
              <p className="text-body">{sentence}</p>
              <p className="truncate font-mono text-code-small text-text-3">{file}</p>
              <ul className="mt-1 flex flex-col gap-0.5">
                {problems.slice(0, MOST_SHOWN).map(({ line, path, message }) => (
                  <li key={`${line} ${path} ${message}`} className="flex gap-2 text-small">
                    <span className="shrink-0 font-mono text-code-small text-text-3 leading-4">
                      {line === null ? path || '/' : `line ${line}`}
                    </span>
                    <span className="min-w-0 break-words">{message}</span>
                  </li>
                ))}
              </ul>
              {problems.length > MOST_SHOWN ? (
                <p className="mt-0.5 text-small text-text-3">and {problems.length - MOST_SHOWN} more</p>
              ) : null}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
