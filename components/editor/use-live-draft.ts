import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { followDraft, type Person } from '#lib/client/follow-draft.ts';
import { versionKeys } from '#lib/client/versions.ts';
import { workflowKeys } from '#lib/client/workflows.ts';
import type { DraftSaving } from './use-autosave.ts';

export interface LiveDraft {
  /** The others who have this draft open, the same person in another tab too. */
  readonly people: readonly Person[];
  /** False while the server can't be heard. */
  readonly online: boolean;
  /** The workflow was deleted meanwhile. */
  readonly gone: boolean;
}

/** Brings in what others do to the draft that is open, at once. */
export function useLiveDraft(workflowId: string, baseVersion: number, saving: DraftSaving): LiveDraft {
  const queries = useQueryClient();
  const [people, setPeople] = useState<readonly Person[]>([]);
  const [online, setOnline] = useState(true);
  const [gone, setGone] = useState(false);
  const noticed = useEffectEvent((revision: number) => saving.noticed(revision));
  const flush = useEffectEvent(() => void saving.flush());

  useEffect(() => {
    let version = baseVersion;
    const close = followDraft(workflowId, {
      onDraft({ revision, base_version }) {
        noticed(revision);
        if (base_version === version) return;
        version = base_version;
        void queries.invalidateQueries({ queryKey: workflowKeys.one(workflowId) });
        void queries.invalidateQueries({ queryKey: versionKeys.list(workflowId) });
      },
      onPeople: setPeople,
      onGone: () => setGone(true),
      onLine(open) {
        setOnline(open);
        if (open) flush();
      },
    });
    const lost = () => setOnline(false);
    window.addEventListener('offline', lost);
    return () => {
      window.removeEventListener('offline', lost);
      close();
    };
  }, [workflowId, baseVersion, queries]);
  return { people, online, gone };
}
