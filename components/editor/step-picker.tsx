import { Popover } from 'radix-ui';
import { type KeyboardEvent, useState } from 'react';
import { SearchInput } from '#components/ui/input.tsx';
import type { EditorActions } from './editor-actions.ts';
import { useEditor } from './editor-context.ts';
import { paletteGroups } from './palette-entries.ts';
import { PaletteRow } from './palette-row.tsx';
import { recentTypes } from './recent-types.ts';
import type { PickerRequest } from './store.ts';

interface StepPickerProps {
  readonly actions: EditorActions;
}

/** The palette as a menu at the pointer: what comes after a port, or between two steps. */
export function StepPicker({ actions }: StepPickerProps) {
  const request = useEditor((state) => state.picker);
  const show = useEditor((state) => state.show);
  return (
    <Popover.Root open={request !== null} onOpenChange={(open) => !open && show({ picker: null })}>
      <Popover.Anchor asChild>
        <span className="pointer-events-none fixed size-0" style={{ left: request?.at.x ?? 0, top: request?.at.y ?? 0 }} />
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          side="right"
          align="start"
          sideOffset={8}
          collisionPadding={8}
          aria-label="Choose a step"
          className="z-50 flex max-h-96 w-80 max-w-[calc(100vw-16px)] flex-col rounded-card border border-line-1 bg-bg-3 shadow-s2 data-[state=open]:animate-menu-in"
        >
          {request !== null && <PickerList request={request} actions={actions} />}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function PickerList({ request, actions }: StepPickerProps & { readonly request: PickerRequest }) {
  const catalog = useEditor((state) => state.catalog);
  const [search, setSearch] = useState('');
  const [at, setAt] = useState(0);
  const [recent] = useState(recentTypes);
  const groups = paletteGroups(catalog, search, recent);
  const entries = groups.flatMap((group) => group.entries);
  const choose = (type: string) => (request.target.kind === 'free' ? actions.addHere(type) : actions.add(type, request.target));

  function onKeyDown(event: KeyboardEvent) {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((now) => Math.min(entries.length - 1, Math.max(0, now + step)));
    }
    const entry = entries[at];
    if (event.key === 'Enter' && entry && (event.target as HTMLElement).tagName === 'INPUT') {
      event.preventDefault();
      choose(entry.type.type);
    }
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move the mark in the list below
    <div className="flex min-h-0 flex-col" onKeyDown={onKeyDown}>
      <div className="p-2">
        <SearchInput
          label="Next step"
          value={search}
          onValueChange={(value) => {
            setSearch(value);
            setAt(0);
          }}
        />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        {groups.map((group) => (
          <section key={group.title} aria-label={group.title}>
            <h3 className="px-2 py-1 text-micro text-text-3">{group.title}</h3>
            {group.entries.map((entry) => (
              <PaletteRow key={entry.type.type} entry={entry} active={entries[at] === entry} onClick={() => choose(entry.type.type)} />
            ))}
          </section>
        ))}
        {entries.length === 0 && <p className="px-2 py-1 text-small text-text-3">No step type matches “{search}”.</p>}
      </div>
    </div>
  );
}
