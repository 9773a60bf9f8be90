import { type DragEvent, type KeyboardEvent, useRef, useState } from 'react';
import { SearchInput } from '#components/ui/input.tsx';
import type { StepDefinition } from '#lib/workflow/step-type.ts';
import { STEP_TYPE_MEDIA } from '../graph/drop-target.ts';
import type { EditorActions } from './editor-actions.ts';
import { useEditor } from './editor-context.ts';
import { GhostCard } from './ghost-card.tsx';
import { paletteGroups } from './palette-entries.ts';
import { PaletteRow } from './palette-row.tsx';
import { recentTypes } from './recent-types.ts';

/** The `/` command finds the search field by this id. */
export const PALETTE_SEARCH_ID = 'palette-search';

interface PaletteProps {
  readonly actions: EditorActions;
}

/** The step types: search, click or Enter to add, drag to place. */
export function Palette({ actions }: PaletteProps) {
  const catalog = useEditor((state) => state.catalog);
  const [search, setSearch] = useState('');
  const [dragged, setDragged] = useState<StepDefinition | null>(null);
  const ghost = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  // Read once: rows that change places under the pointer would be worse than old news.
  const [recent] = useState(recentTypes);
  const groups = paletteGroups(catalog, search, recent);
  const first = search.trim() === '' ? undefined : groups[0]?.entries[0];

  function startDrag(event: DragEvent, type: StepDefinition) {
    event.dataTransfer.setData(STEP_TYPE_MEDIA, type.type);
    event.dataTransfer.effectAllowed = 'copy';
    if (ghost.current) event.dataTransfer.setDragImage(ghost.current, 120, 28);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Enter' && first && (event.target as HTMLElement).tagName === 'INPUT') {
      event.preventDefault();
      actions.addHere(first.type.type);
      setSearch('');
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const rows = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = rows.indexOf(document.activeElement as HTMLButtonElement);
    rows[Math.max(0, at + step)]?.focus();
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move between the buttons inside
    <div className="flex min-h-0 flex-1 flex-col" onKeyDown={onKeyDown}>
      <div className="p-2">
        <PaletteSearch value={search} onValueChange={setSearch} />
      </div>
      <div ref={list} className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        {groups.map((group) => (
          <section key={group.title} aria-label={group.title} className="mb-2">
            <h3 className="px-2 py-1 text-micro text-text-3">{group.title}</h3>
            {group.entries.map((entry) => (
              <PaletteRow
                key={entry.type.type}
                entry={entry}
                active={entry === first}
                draggable
                onPointerDown={() => setDragged(entry.type)}
                onDragStart={(event) => startDrag(event, entry.type)}
                onClick={() => actions.addHere(entry.type.type)}
              />
            ))}
          </section>
        ))}
        {groups.length === 0 && <p className="px-2 py-1 text-small text-text-3">No step type matches “{search}”.</p>}
      </div>
      <GhostCard ref={ghost} type={dragged} catalog={catalog} />
    </div>
  );
}

function PaletteSearch({ value, onValueChange }: { readonly value: string; readonly onValueChange: (value: string) => void }) {
  const input = (element: HTMLInputElement | null) => {
    if (element) element.id = PALETTE_SEARCH_ID;
  };
  return <SearchInput ref={input} label="Search steps" shortcut="/" value={value} onValueChange={onValueChange} />;
}
