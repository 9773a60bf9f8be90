'use client';

import type { Ref } from 'react';
import { SearchInput } from '#components/ui/input.tsx';
import { Select } from '#components/ui/select.tsx';
import { WORKFLOW_LOOK } from '#components/ui/status.ts';
import { WorkflowStatus } from '#lib/contracts/workflows.ts';

const ANY = 'any';
const STATUS_OPTIONS = [
  { value: ANY, label: 'Any status' },
  ...WorkflowStatus.options.map((value) => ({ value: value as string, label: WORKFLOW_LOOK[value].word, icon: WORKFLOW_LOOK[value].icon })),
];

interface WorkflowFiltersProps {
  readonly ref: Ref<HTMLInputElement>;
  readonly search: { readonly typed: string; readonly type: (value: string) => void };
  readonly status: WorkflowStatus | undefined;
  readonly onStatus: (status: string) => void;
  readonly tag: string;
  readonly onTag: (tag: string) => void;
  readonly knownTags: readonly string[];
}

export function WorkflowFilters({ ref, search, status, onStatus, tag, onTag, knownTags }: WorkflowFiltersProps) {
  const tags = [...new Set([...knownTags, ...(tag ? [tag] : [])])].sort((a, b) => a.localeCompare(b));
  return (
    <>
      <SearchInput
        ref={ref}
        value={search.typed}
        onValueChange={search.type}
        label="Search by name"
        shortcut="/"
        className="w-60 max-sm:w-full"
      />
      <Select
        label="Status"
        className="w-32 max-sm:flex-1"
        options={STATUS_OPTIONS}
        value={status ?? ANY}
        onValueChange={(next) => onStatus(next === ANY ? '' : next)}
      />
      {tags.length > 0 ? (
        <Select
          label="Tag"
          className="w-32 max-sm:flex-1"
          // A tag may be called "any" too, so tags carry a mark.
          options={[{ value: ANY, label: 'Any tag' }, ...tags.map((each) => ({ value: `#${each}`, label: each }))]}
          value={tag ? `#${tag}` : ANY}
          onValueChange={(next) => onTag(next === ANY ? '' : next.slice(1))}
        />
      ) : null}
    </>
  );
}
