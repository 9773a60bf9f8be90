import type { StepCatalog, StepDefinition } from '#lib/workflow/step-type.ts';

/** A palette group; groups stand in this order. */
const CATEGORY_TITLES: Readonly<Record<StepDefinition['category'], string>> = {
  action: 'Actions',
  logic: 'Logic',
  data: 'Data',
  time: 'Time',
};

export interface PaletteEntry {
  readonly type: StepDefinition;
  /** Ranges of the title that the search hit, to be drawn bold. */
  readonly hits: readonly { readonly start: number; readonly end: number }[];
}
interface PaletteGroup {
  readonly title: string;
  readonly entries: readonly PaletteEntry[];
}

/** The step types that a search finds, grouped; where nothing is searched, recently used ones stand first, and only there. */
export function paletteGroups(catalog: StepCatalog, search: string, recent: readonly string[] = []): PaletteGroup[] {
  const wanted = search.trim().toLowerCase();
  const found = Object.values(catalog).flatMap((type): (PaletteEntry & { rank: number })[] => {
    if (wanted === '') return [{ type, hits: [], rank: 0 }];
    const at = type.title.toLowerCase().indexOf(wanted);
    if (at >= 0) return [{ type, hits: [{ start: at, end: at + wanted.length }], rank: at === 0 ? 0 : 1 }];
    return `${type.type} ${type.summary}`.toLowerCase().includes(wanted) ? [{ type, hits: [], rank: 2 }] : [];
  });
  if (wanted !== '') {
    const entries = found.toSorted((a, b) => a.rank - b.rank || a.type.title.localeCompare(b.type.title));
    return entries.length === 0 ? [] : [{ title: entries.length === 1 ? '1 match' : `${entries.length} matches`, entries }];
  }
  const used = recent.flatMap((type) => found.filter((entry) => entry.type.type === type));
  const groups = Object.entries(CATEGORY_TITLES).map(([category, title]) => ({
    title,
    entries: found.filter((entry) => entry.type.category === category && !recent.includes(entry.type.type)),
  }));
  return [{ title: 'Recent', entries: used }, ...groups].filter((group) => group.entries.length > 0);
}
