import { CircleAlert, CircleCheck, CloudOff, type LucideIcon, PencilLine, RefreshCw } from 'lucide-react';
import type { SaveState } from './autosave.ts';
import type { DraftSaving } from './use-autosave.ts';

const LOOKS: Readonly<Record<SaveState, { readonly Icon: LucideIcon; readonly word: string }>> = {
  saved: { Icon: CircleCheck, word: 'Draft saved' },
  dirty: { Icon: PencilLine, word: 'Editing' },
  saving: { Icon: RefreshCw, word: 'Saving' },
  offline: { Icon: CloudOff, word: 'Offline, will retry' },
  conflict: { Icon: CircleAlert, word: 'Conflict' },
  failed: { Icon: CircleAlert, word: 'Not saved' },
};

/** Whether the server has the draft: icon and word, of one width so that nothing moves. */
export function SavedState({ saving }: { readonly saving: DraftSaving }) {
  const { Icon, word } = LOOKS[saving.state];
  const alarming = saving.state === 'conflict' || saving.state === 'failed';
  return (
    <span
      role="status"
      title={saving.message ?? word}
      className={`flex min-w-24 items-center gap-1 text-small max-sm:min-w-0 ${alarming ? 'text-status-failed' : 'text-text-3'}`}
    >
      <Icon className="size-3.5 shrink-0" aria-hidden />
      <span className="max-sm:sr-only">{word}</span>
    </span>
  );
}
