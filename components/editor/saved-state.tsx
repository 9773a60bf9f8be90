import { CircleAlert, CircleCheck, CloudOff, type LucideIcon, PencilLine, RefreshCw } from 'lucide-react';
import type { SaveState } from './autosave.ts';
import type { DraftSaving } from './use-autosave.ts';

interface Look {
  readonly Icon: LucideIcon;
  readonly word: string;
  readonly more: string;
}

const LOOKS: Readonly<Record<SaveState, Look>> = {
  saved: { Icon: CircleCheck, word: 'Draft saved', more: 'The server has everything' },
  dirty: { Icon: PencilLine, word: 'Editing', more: 'Saved in a moment' },
  saving: { Icon: RefreshCw, word: 'Saving', more: 'On its way to the server' },
  offline: {
    Icon: CloudOff,
    word: 'Offline, kept here',
    more: 'This browser keeps your changes and sends them when the connection is back',
  },
  conflict: { Icon: CircleAlert, word: 'Conflict', more: 'You and somebody else changed the same; choose above the canvas' },
  failed: { Icon: CircleAlert, word: 'Not saved', more: 'The server refused your changes; this browser keeps them' },
};
const NOTHING_HEARD: Look = { Icon: CloudOff, word: 'Offline', more: 'Everything is saved; the server can’t be reached just now' };

/** Whether the server has the draft: icon and word, of one width so that nothing moves. */
export function SavedState({ saving, online }: { readonly saving: DraftSaving; readonly online: boolean }) {
  const { Icon, word, more } = saving.state === 'saved' && !online ? NOTHING_HEARD : LOOKS[saving.state];
  const alarming = saving.state === 'conflict' || saving.state === 'failed';
  return (
    <span
      role="status"
      title={saving.message ?? more}
      className={`flex min-w-24 items-center gap-1 text-small max-sm:min-w-0 ${alarming ? 'text-status-failed' : 'text-text-3'}`}
    >
      <Icon className="size-3.5 shrink-0" aria-hidden />
      <span className="whitespace-nowrap max-sm:sr-only">{word}</span>
    </span>
  );
}
