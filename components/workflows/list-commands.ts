'use client';

import { FileJson, LayoutTemplate, Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useMemo, useRef } from 'react';
import { type Command, useCommands } from '#components/shell/commands.ts';
import { useCan } from '#components/shell/session.tsx';

interface ListActions {
  readonly create: () => void;
  readonly openImport: (open: boolean) => void;
  readonly focusSearch: () => void;
}

/** What the list adds to the command table while it is open. */
export function useListCommands({ create, openImport, focusSearch }: ListActions): void {
  const router = useRouter();
  const mayWrite = useCan('workflows:write');
  const latest = useRef({ create, focusSearch });
  useEffect(() => {
    latest.current = { create, focusSearch };
  });
  const commands = useMemo((): readonly Command[] => {
    const group = 'Workflows';
    const find: Command = {
      id: 'list.find',
      title: 'Find in the list',
      group,
      keys: '/',
      hidden: true,
      run: () => latest.current.focusSearch(),
    };
    if (!mayWrite) return [find];
    return [
      { id: 'list.new', title: 'New workflow', group, keys: 'n', icon: Plus, words: 'create add', run: () => latest.current.create() },
      { id: 'list.import', title: 'Import files…', group, icon: FileJson, words: 'json yaml n8n upload', run: () => openImport(true) },
      {
        id: 'list.template',
        title: 'New from a template',
        group,
        icon: LayoutTemplate,
        run: () => router.push('/templates'),
      },
      find,
    ];
  }, [mayWrite, openImport, router]);
  useCommands(commands);
}
