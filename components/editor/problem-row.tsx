import { ChevronDown, CircleAlert, TriangleAlert } from 'lucide-react';
import { useCan } from '#components/shell/session.tsx';
import { Button } from '#components/ui/button.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { Menu, MenuItem } from '#components/ui/menu.tsx';
import { quickFixes } from '#lib/workflow/quick-fixes.ts';
import { useEditor, useEditorParts, useWorkflowDefinition } from './editor-context.ts';
import { applyFix, openProblem } from './open-problem.ts';
import type { FoundProblem } from './use-problems.ts';

interface ProblemRowProps {
  readonly problem: FoundProblem;
  readonly onMoveSecret: () => void;
}

/** One problem: its words lead to its place, the likeliest fix is a button, the others are behind it. */
export function ProblemRow({ problem, onMoveSecret }: ProblemRowProps) {
  const parts = useEditorParts();
  const catalog = useEditor((state) => state.catalog);
  const definition = useWorkflowDefinition();
  const mayWrite = useCan('workflows:write');
  const mayKeepSecrets = useCan('secrets:manage');
  const [first, ...others] = mayWrite ? quickFixes(problem, definition, catalog) : [];
  const isSecret = problem.code === 'plain_secret' && mayWrite && mayKeepSecrets;
  return (
    <li className="flex flex-wrap items-center gap-x-2 pr-2 hover:bg-hover">
      <button
        type="button"
        data-problem
        onClick={() => openProblem(parts, problem)}
        className="flex min-h-7 min-w-60 flex-1 items-center gap-2 py-1 pl-3 text-left text-body focus-inset"
      >
        {problem.severity === 'error' ? (
          <CircleAlert className="size-4 shrink-0 text-status-failed" role="img" aria-label="Error" />
        ) : (
          <TriangleAlert className="size-4 shrink-0 text-status-paused" role="img" aria-label="Warning" />
        )}
        <span className="min-w-0 flex-1">{problem.message}</span>
        {problem.step !== undefined && <span className="shrink-0 font-mono text-code-small text-text-3">{problem.step}</span>}
      </button>
      <div className="flex items-center gap-1 max-sm:pb-1 max-sm:pl-9">
        {isSecret && (
          <Button size="row" onClick={onMoveSecret}>
            Move it to a secret…
          </Button>
        )}
        {first !== undefined && (
          <Button size="row" onClick={() => applyFix(parts, first)}>
            {first.label}
          </Button>
        )}
        {others.length > 0 && (
          <Menu align="end" trigger={<IconButton icon={ChevronDown} label="Other fixes" />}>
            {others.map((fix) => (
              <MenuItem key={fix.label} onSelect={() => applyFix(parts, fix)}>
                {fix.label}
              </MenuItem>
            ))}
          </Menu>
        )}
      </div>
    </li>
  );
}
