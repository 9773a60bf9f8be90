'use client';

import { useQuery } from '@tanstack/react-query';
import { clearUrlFilters, setUrlFilter } from '#components/shell/url-filters.ts';
import { Button } from '#components/ui/button.tsx';
import { Select, type SelectOption } from '#components/ui/select.tsx';
import { RUN_LOOK } from '#components/ui/status.ts';
import { workflowListOptions, workflowOptions } from '#lib/client/workflows.ts';
import { RUN_STATUSES } from '#lib/engine/events.ts';
import { TRIGGER_LOOK } from './trigger.tsx';
import { RUN_FILTER_KEYS, useRunFilters } from './use-run-filters.ts';

const ANY = 'any';
/** Versions offered for choice; older ones are reached from the versions page. */
const VERSIONS_OFFERED = 50;
const STATUS_OPTIONS = [
  { value: ANY, label: 'Any status' },
  ...RUN_STATUSES.map((value) => ({ value: value as string, label: RUN_LOOK[value].word, icon: RUN_LOOK[value].icon })),
];
const TRIGGER_OPTIONS = [
  { value: ANY, label: 'Any trigger' },
  ...Object.entries(TRIGGER_LOOK).map(([value, look]) => ({ value, label: look.word, icon: look.icon })),
];

/** Status, trigger, and the version of one workflow or the workflow among all. */
export function RunFilters({ workflowId }: { workflowId?: string }) {
  const { filters, isFiltered } = useRunFilters(workflowId);
  return (
    <>
      <UrlSelect name="status" label="Status" options={STATUS_OPTIONS} value={filters.status} />
      <UrlSelect name="trigger" label="Trigger" options={TRIGGER_OPTIONS} value={filters.trigger} />
      {workflowId === undefined ? (
        <WorkflowFilter value={filters.workflow_id} />
      ) : (
        <VersionFilter workflowId={workflowId} value={filters.version === undefined ? undefined : String(filters.version)} />
      )}
      {isFiltered ? (
        <Button variant="ghost" onClick={() => clearUrlFilters(RUN_FILTER_KEYS)}>
          Clear
        </Button>
      ) : null}
    </>
  );
}

function VersionFilter({ workflowId, value }: { workflowId: string; value: string | undefined }) {
  const newest = useQuery(workflowOptions(workflowId)).data?.version ?? 0;
  const numbers = Array.from({ length: Math.min(newest, VERSIONS_OFFERED) }, (_, index) => String(newest - index));
  if (value !== undefined && !numbers.includes(value)) numbers.push(value);
  const options = [{ value: ANY, label: 'Any version' }, ...numbers.map((number) => ({ value: number, label: `v${number}` }))];
  return <UrlSelect name="version" label="Version" options={options} value={value} />;
}

function WorkflowFilter({ value }: { value: string | undefined }) {
  const { data } = useQuery(workflowListOptions({ limit: 200 }));
  const options = [
    { value: ANY, label: 'Any workflow' },
    ...(data?.workflows.map((workflow) => ({ value: workflow.id, label: workflow.name })) ?? []),
  ];
  return <UrlSelect name="workflow" label="Workflow" options={options} value={value} wide />;
}

interface UrlSelectProps {
  readonly name: (typeof RUN_FILTER_KEYS)[number];
  readonly label: string;
  readonly options: readonly SelectOption[];
  readonly value: string | undefined;
  readonly wide?: boolean;
}

function UrlSelect({ name, label, options, value, wide = false }: UrlSelectProps) {
  return (
    <Select
      label={label}
      className={wide ? 'w-44 max-sm:w-full' : 'w-34 max-sm:w-auto max-sm:flex-1'}
      options={options}
      value={value ?? ANY}
      onValueChange={(next) => setUrlFilter(name, next === ANY ? '' : next)}
    />
  );
}
