'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { type Command, useCommands } from '#components/shell/commands.ts';
import { LoadError } from '#components/shell/load-error.tsx';
import { Page, PageHead } from '#components/shell/page.tsx';
import { clearUrlFilters, useUrlFilter, useUrlSearch } from '#components/shell/url-filters.ts';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { SearchInput } from '#components/ui/input.tsx';
import { Select } from '#components/ui/select.tsx';
import { LoadingText, Skeleton } from '#components/ui/skeleton.tsx';
import { templateListOptions } from '#lib/client/templates.ts';
import type { TemplateRow } from '#lib/contracts/templates.ts';
import { TemplateCard } from './template-card.tsx';

const ANY = 'any';
const SKELETONS = ['a', 'b', 'c'];
const gridLook = 'grid grid-cols-[repeat(auto-fill,minmax(min(320px,100%),1fr))] gap-4 pt-2';

/** The gallery: every template, found by words and category, at once. */
export function TemplatesPage() {
  const search = useUrlSearch('search');
  const [category, setCategory] = useUrlFilter('category');
  const searchInput = useRef<HTMLInputElement>(null);
  const list = useQuery(templateListOptions());
  useCommands(
    useMemo(
      (): readonly Command[] => [
        {
          id: 'list.find',
          title: 'Find in the list',
          group: 'Templates',
          keys: '/',
          hidden: true,
          run: () => searchInput.current?.focus(),
        },
      ],
      [],
    ),
  );
  const all = list.data?.templates;
  const categories = [...new Set(all?.map((template) => template.category) ?? [])].sort((a, b) => a.localeCompare(b));
  const shown = all?.filter((template) => (category === '' || template.category === category) && matches(template, search.typed));

  return (
    <Page>
      <PageHead
        title="Templates"
        count={shown?.length}
        filters={
          <>
            <SearchInput
              ref={searchInput}
              value={search.typed}
              onValueChange={search.type}
              label="Search templates"
              shortcut="/"
              className="w-60 max-sm:w-full"
            />
            <Select
              label="Category"
              className="w-40 max-sm:w-full"
              options={[{ value: ANY, label: 'Any category' }, ...categories.map((each) => ({ value: `#${each}`, label: each }))]}
              value={category ? `#${category}` : ANY}
              onValueChange={(next) => setCategory(next === ANY ? '' : next.slice(1))}
            />
          </>
        }
      />
      {list.error && !all ? <LoadError what="the templates" error={list.error} retry={() => list.refetch()} className="pt-4" /> : null}
      {list.isPending ? <LoadingCards /> : null}
      {shown?.length === 0 ? (
        <EmptyState
          title="Nothing matches"
          className="pt-4"
          action={
            <Button
              onClick={() => {
                search.type('');
                clearUrlFilters(['search', 'category']);
              }}
            >
              Clear filters
            </Button>
          }
        >
          No template has these words and this category.
        </EmptyState>
      ) : null}
      {shown && shown.length > 0 ? (
        <ul className={gridLook}>
          {shown.map((template) => (
            <TemplateCard key={template.id} template={template} />
          ))}
        </ul>
      ) : null}
    </Page>
  );
}

function matches(template: TemplateRow, search: string): boolean {
  const text = [template.name, template.description, template.category, ...template.tags].join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function LoadingCards() {
  return (
    <div className={gridLook}>
      <LoadingText>Loading templates</LoadingText>
      {SKELETONS.map((key) => (
        <Skeleton key={key} className="h-[262px] rounded-card" />
      ))}
    </div>
  );
}
