'use client';

import { Kbd } from '#components/ui/kbd.tsx';
import { Sheet } from '#components/ui/sheet.tsx';
import { type Command, useCommandTable } from './commands.ts';

/** `?`: every shortcut that works on this page, from the one command table. */
export function ShortcutsSheet({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const commands = useCommandTable((table) => table.commands);
  return (
    <Sheet open={open} onOpenChange={onOpenChange} title="Keyboard shortcuts">
      <div className="flex flex-col gap-4 p-4">
        {groupsWithKeys(commands).map(([group, members]) => (
          <section key={group} aria-label={group}>
            <h3 className="pb-1 text-micro text-text-3">{group}</h3>
            <dl className="flex flex-col">
              {members.map((command) => (
                <div key={command.id} className="flex min-h-7 items-center justify-between gap-4">
                  <dt className="min-w-0 truncate text-body">{command.title}</dt>
                  <dd>
                    <Kbd keys={command.keys ?? ''} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Sheet>
  );
}

function groupsWithKeys(commands: readonly Command[]): readonly (readonly [string, readonly Command[]])[] {
  const groups = new Map<string, Command[]>();
  for (const command of commands) {
    if (!command.keys) continue;
    const members = groups.get(command.group) ?? [];
    if (!members.some((member) => member.id === command.id)) members.push(command);
    groups.set(command.group, members);
  }
  return [...groups];
}
