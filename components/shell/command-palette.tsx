'use client';

import { useQuery } from '@tanstack/react-query';
import { Command as Cmdk } from 'cmdk';
import { Search, Workflow } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Dialog as Primitive } from 'radix-ui';
import { useDeferredValue, useState } from 'react';
import { scrimLook } from '#components/ui/dialog.tsx';
import { Kbd } from '#components/ui/kbd.tsx';
import { workflowListOptions } from '#lib/client/workflows.ts';
import { type Command, isEnabled, useCommandTable } from './commands.ts';

interface PaletteProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

const WORKFLOWS_SHOWN = 20;
const rowLook =
  'flex h-control min-h-8 cursor-default select-none items-center gap-2 rounded-control px-2 text-body text-text-1 data-[selected=true]:bg-hover';
const groupLook =
  '[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-micro [&_[cmdk-group-heading]]:text-text-3';

/** ⌘K: pages, workflows by name, and every command of the page that is open. */
export function CommandPalette({ open, onOpenChange }: PaletteProps) {
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className={scrimLook} />
        <Primitive.Content
          aria-describedby={undefined}
          className="fixed inset-x-0 top-[12dvh] z-50 mx-auto flex max-h-[70dvh] w-[calc(100vw-32px)] max-w-150 flex-col overflow-hidden rounded-dialog border border-line-1 bg-bg-3 shadow-s3 data-[state=open]:animate-menu-in max-sm:inset-0 max-sm:max-h-none max-sm:w-full max-sm:rounded-none max-sm:border-0"
        >
          <Primitive.Title className="sr-only">Search and commands</Primitive.Title>
          <PaletteBody close={() => onOpenChange(false)} />
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

function PaletteBody({ close }: { close: () => void }) {
  const router = useRouter();
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search.trim());
  const { data } = useQuery(workflowListOptions({ limit: WORKFLOWS_SHOWN, ...(wanted ? { search: wanted } : {}) }));
  const commands = useCommandTable((table) => table.commands);
  const groups = groupCommands(commands);

  function choose(run: () => void) {
    close();
    // After the dialog has given the focus back, so that what the command opens may take it.
    setTimeout(run);
  }

  return (
    <Cmdk label="Search and commands" loop filter={rankByWords} className="flex min-h-0 flex-col">
      <div className="flex h-11 shrink-0 items-center gap-2 border-line-1 border-b px-4">
        <Search className="size-4 text-text-3" aria-hidden />
        <Cmdk.Input
          value={search}
          onValueChange={setSearch}
          placeholder="Search workflows and commands"
          className="h-full min-w-0 flex-1 bg-transparent text-heading font-normal text-text-1 outline-none max-sm:text-input-touch"
        />
        <button type="button" onClick={close} className="grid min-h-6 place-items-center rounded-chip">
          <span className="sr-only">Close</span>
          <Kbd keys="escape" />
        </button>
      </div>
      <Cmdk.List className="min-h-0 flex-1 overflow-y-auto p-2 pt-0">
        <Cmdk.Empty className="px-2 pt-3 pb-2 text-body text-text-2">Nothing matches “{search}”.</Cmdk.Empty>
        {groups.map(([group, members]) => (
          <Cmdk.Group key={group} heading={group} className={groupLook}>
            {members.map((command) => (
              <Cmdk.Item
                key={command.id}
                value={command.id}
                keywords={[command.title, group, command.words ?? '']}
                onSelect={() => choose(command.run)}
                className={rowLook}
              >
                {command.icon ? <command.icon className="size-4 text-text-2" aria-hidden /> : <span className="size-4" />}
                <span className="min-w-0 flex-1 truncate">{command.title}</span>
                {command.keys ? <Kbd keys={command.keys} className="max-sm:hidden" /> : null}
              </Cmdk.Item>
            ))}
          </Cmdk.Group>
        ))}
        {data && data.workflows.length > 0 ? (
          <Cmdk.Group heading="Open workflow" className={groupLook}>
            {data.workflows.map((workflow) => (
              <Cmdk.Item
                key={workflow.id}
                value={workflow.id}
                keywords={[workflow.name, ...workflow.tags]}
                onSelect={() => choose(() => router.push(`/workflows/${workflow.id}`))}
                className={rowLook}
              >
                <Workflow className="size-4 text-text-2" aria-hidden />
                <span className="min-w-0 flex-1 truncate">{workflow.name}</span>
              </Cmdk.Item>
            ))}
          </Cmdk.Group>
        ) : null}
      </Cmdk.List>
    </Cmdk>
  );
}

/** The page's own commands first, then those of the shell; hidden and disabled ones left out. */
function groupCommands(commands: readonly Command[]): readonly (readonly [string, readonly Command[]])[] {
  const groups = new Map<string, Command[]>();
  const shell = (command: Command) => command.id.startsWith('shell.') || command.id.startsWith('go.');
  for (const command of [...commands].sort((a, b) => Number(shell(a)) - Number(shell(b)))) {
    if (command.hidden || !isEnabled(command)) continue;
    const members = groups.get(command.group) ?? [];
    members.push(command);
    groups.set(command.group, members);
  }
  return [...groups];
}

/** Every typed word must occur in the item's words; a name that starts with the text comes first. Ids do not count. */
function rankByWords(_id: string, search: string, words: string[] = []): number {
  const text = words.join(' ').toLowerCase();
  const wanted = search.trim().toLowerCase();
  if (text.startsWith(wanted)) return 1;
  return wanted.split(/\s+/).every((word) => text.includes(word)) ? 0.5 : 0;
}
