import { CircleAlert } from 'lucide-react';
import { Button } from '#components/ui/button.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import type { DraftSaving } from './use-autosave.ts';

/** Why the draft is not saved: the server refused it, or somebody else saved it meanwhile, and both sides can be kept. Stands in the layout, never over the canvas. */
export function ConflictBanner({ saving }: { readonly saving: DraftSaving }) {
  if (saving.state === 'failed' && saving.message !== null) {
    return (
      <div role="alert" className="flex items-center gap-3 border-line-1 border-b bg-bg-3 px-3 py-2 text-body">
        <CircleAlert className="size-4 shrink-0 text-status-failed" aria-hidden />
        <span className="min-w-0 flex-1 break-words">Your changes are not saved: {saving.message}</span>
      </div>
    );
  }
  if (saving.state !== 'conflict') return null;
  const { theirs } = saving;
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line-1 border-b bg-bg-3 px-3 py-2 text-body">
      <CircleAlert className="size-4 text-status-failed" aria-hidden />
      <span className="min-w-0 flex-1">
        {theirs === null ? (
          'This draft was saved elsewhere. Reading the other one…'
        ) : (
          <>
            {theirs.updated_by} saved this draft <RelativeTime iso={theirs.updated_at} /> with{' '}
            {theirs.definition.steps.length === 1 ? '1 step' : `${theirs.definition.steps.length} steps`}. Your changes are not saved.
          </>
        )}
      </span>
      <Button disabled={theirs === null} onClick={saving.takeTheirs}>
        Take theirs
      </Button>
      <Button disabled={theirs === null} onClick={saving.keepMine}>
        Keep mine
      </Button>
    </div>
  );
}
