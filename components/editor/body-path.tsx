import { ChevronRight, CornerLeftUp } from 'lucide-react';
import { Fragment } from 'react';
import { IconButton } from '#components/ui/icon-button.tsx';
import { useEditor, useWorkflowDefinition } from './editor-context.ts';

/** Inside of a loop: where that is, and the way back. Nothing on the workflow itself. */
export function BodyPath() {
  const { path, enter } = useEditor((state) => state);
  const { name } = useWorkflowDefinition();
  if (path.length === 0) return null;
  const places = [{ label: name, to: [] as readonly string[] }, ...path.map((id, at) => ({ label: id, to: path.slice(0, at + 1) }))];
  return (
    <nav
      aria-label="Loops that are open"
      className="absolute top-3 left-3 z-5 flex max-w-[calc(100%-1.5rem)] items-center gap-0.5 rounded-control border border-line-2 bg-bg-2 p-1 shadow-s2"
    >
      <IconButton icon={CornerLeftUp} label="Leave the loop" onClick={() => enter(path.slice(0, -1))} />
      {places.map(({ label, to }, at) => (
        <Fragment key={to.join('/')}>
          {at > 0 && <ChevronRight className="size-3.5 shrink-0 text-text-3" aria-hidden />}
          {at === places.length - 1 ? (
            <span aria-current="location" className="truncate px-1.5 font-medium text-body text-text-1">
              {label}
            </span>
          ) : (
            <button
              type="button"
              onClick={() => enter(to)}
              className="truncate rounded-control px-1.5 text-body text-text-2 hover:bg-hover hover:text-text-1"
            >
              {label}
            </button>
          )}
        </Fragment>
      ))}
    </nav>
  );
}
